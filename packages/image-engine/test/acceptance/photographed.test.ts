import { afterAll, expect, it } from 'vitest';
import { createImageEngine } from '../../src/index.ts';
import { type Case, missedPictureBars, missedVerdictBars } from './bars.ts';
import { measureEngine, scenes, SEEDS } from './cases.ts';

const engine = createImageEngine();
afterAll(() => engine.close());

it('cuts coloured and dark garments out of uneven, shadowed grounds', { timeout: 240_000 }, async () => {
  const cases: Case[] = [];
  for await (const scene of scenes(['A', 'B', 'D'], SEEDS.photographed)) cases.push(await measureEngine(engine, scene));
  expect(cases).toHaveLength(30);
  expect(missedPictureBars(cases)).toEqual([]);
  expect(missedVerdictBars(cases)).toEqual([]);
});
