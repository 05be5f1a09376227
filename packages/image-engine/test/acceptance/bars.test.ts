import { beforeAll, describe, expect, it } from 'vitest';
import type { Scene } from '../synthetic/grounds.ts';
import { type Case, missedPictureBars, missedVerdictBars } from './bars.ts';
import { BASELINES, measureBaseline, scenes, SEEDS } from './cases.ts';

const GOOD: Case = { name: 'tee', ground: 'A', verdict: 'ok', iou: 0.99, lost: 0, ring: 1, clipped: 0 };

describe('the bars', { timeout: 120_000 }, () => {
  const drawn: Scene[] = [];
  beforeAll(async () => {
    for await (const scene of scenes(['A', 'B', 'C', 'D', 'W'], SEEDS.baselines, ['tee', 'trousers']))
      drawn.push(scene);
  }, 120_000);

  it.each(Object.entries(BASELINES))('are missed by %s on every ground', (_, make) => {
    for (const ground of ['A', 'B', 'C', 'D', 'W']) {
      const cases = drawn.filter((scene) => scene.ground === ground).map((scene) => measureBaseline(make, scene));
      expect(missedPictureBars(cases)).not.toEqual([]);
    }
  });

  it('are met by a good case and missed one by one by bad ones', () => {
    expect(missedPictureBars([GOOD])).toEqual([]);
    expect(missedPictureBars([{ ...GOOD, iou: 0.9 }])).toEqual(['iou of the worst >= 0.93', 'median iou >= 0.98']);
    expect(missedPictureBars([{ ...GOOD, lost: 0.06 }])).toEqual(['lost <= 5 %']);
    expect(missedPictureBars([{ ...GOOD, ring: 0.9 }])).toEqual(['ring exactly white >= 99.5 %']);
    expect(missedPictureBars([{ ...GOOD, ground: 'W', clipped: 0.05 }])).toEqual(['white cloth burnt out <= 1 %']);
    expect(missedPictureBars([{ ...GOOD, ground: 'C', lost: 0.03 }])).toEqual(['white garments lost <= 2 %']);
  });

  it('do not let a verdict pass that promises too much or too little', () => {
    expect(missedVerdictBars([GOOD])).toEqual([]);
    expect(missedVerdictBars([{ ...GOOD, iou: 0.85 }])).toEqual(['no ok below iou 0.9']);
    expect(missedVerdictBars([{ ...GOOD, verdict: 'reject' }])).toEqual(['plain grounds are not rejected']);
    expect(missedVerdictBars([{ ...GOOD, ground: 'W' }])).toEqual(['white on white is for review']);
    expect(missedVerdictBars([{ ...GOOD, ground: 'E' }])).toEqual(['wood is rejected']);
  });
});
