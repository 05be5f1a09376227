import { afterAll, expect, it } from 'vitest';
import { createImageEngine } from '../../src/index.ts';
import { type Case, missedVerdictBars } from './bars.ts';
import { measureEngine, scenes, SEEDS } from './cases.ts';

const engine = createImageEngine();
afterAll(() => engine.close());

it('rejects wood, and says ok to no other busy ground it cannot cut', { timeout: 240_000 }, async () => {
  const cases: Case[] = [];
  for await (const scene of scenes(['E'], SEEDS.busy)) cases.push(await measureEngine(engine, scene));
  for await (const scene of scenes(['checked', 'floor', 'linen'], SEEDS.busy, ['tee', 'trousers', 'striped'])) {
    cases.push(await measureEngine(engine, scene));
  }
  expect(cases).toHaveLength(19);
  expect(missedVerdictBars(cases)).toEqual([]);
});
