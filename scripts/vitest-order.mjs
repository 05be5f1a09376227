import { BaseSequencer } from 'vitest/node';

/** The long ones, which begin first so that none is left alone at the end; one that computes beside one that waits. */
const LONG = [
  'acceptance/white.test.ts',
  'crashes.e2e.test.ts',
  'acceptance/photographed.test.ts',
  'background.int.test.ts',
  'vendors.int.test.ts',
  'flapping.e2e.test.ts',
  'demo.e2e.test.ts',
  'query-plans.e2e.test.ts',
  'features.e2e.test.ts',
  'code/mutations.test.ts',
  'engine.test.ts',
  'real-work.int.test.ts',
  'cheats.e2e.test.ts',
  'readme.e2e.test.ts',
  'acceptance/busy.test.ts',
  'client.int.test.ts',
  'journey.e2e.test.ts',
  'acceptance/memory.test.ts',
];

/** Whatever runs first is what takes longest; the others follow as vitest would have them. */
export default class LongestFirst extends BaseSequencer {
  async sort(files) {
    const usual = await super.sort(files);
    return usual.toSorted((a, b) => rankOf(a) - rankOf(b));
  }
}

function rankOf({ moduleId }) {
  const index = LONG.findIndex((name) => moduleId.endsWith(`/${name}`));
  return index < 0 ? LONG.length : index;
}
