import sharp from 'sharp';
import { afterAll, expect, it } from 'vitest';
import { createImageEngine } from '../../src/index.ts';
import { clipped, whiteRing } from '../measure/picture.ts';
import { type Case, missedPictureBars, missedVerdictBars } from './bars.ts';
import { measureEngine, scenes, SEEDS } from './cases.ts';

const engine = createImageEngine();
afterAll(() => engine.close());

it('keeps white garments on white grounds whole, and asks for a look', { timeout: 240_000 }, async () => {
  const cases: Case[] = [];
  for await (const scene of scenes(['C', 'W'], SEEDS.white)) cases.push(await measureEngine(engine, scene));
  expect(cases).toHaveLength(20);
  expect(missedPictureBars(cases)).toEqual([]);
  expect(missedVerdictBars(cases)).toEqual([]);
});

it('does not burn white cloth out when it brightens', { timeout: 120_000 }, async () => {
  for await (const scene of scenes(['C', 'W'], SEEDS.white, ['tee', 'tank'])) {
    const picture = await engine.clean(scene.jpeg);
    if (picture.verdict === 'reject') throw new Error(picture.reasons.join());
    const output = { data: await sharp(picture.jpeg).raw().toBuffer(), size: scene.size };
    const garment = Uint8Array.from(scene.truth, (alpha) => (alpha > 0.5 ? 1 : 0));
    expect(clipped(output, garment)).toBeLessThanOrEqual(0.01);
    expect(whiteRing(output)).toBeGreaterThanOrEqual(0.995);
  }
});
