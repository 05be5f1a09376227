import { expect, test } from 'vitest';
import { cover, emptyCoverage, isOpen, LATE_MS, openGaps } from './coverage.ts';
import { runsOf } from './id-runs.ts';

test('what is passed over stays open for a while, and is filled in any order', () => {
  const coverage = emptyCoverage();
  cover(coverage, runsOf([3, 4, 9]), 1_000);
  expect(coverage).toEqual({
    high: 9,
    gaps: [
      { from: 1, to: 2, sinceMs: 1_000 },
      { from: 5, to: 8, sinceMs: 1_000 },
    ],
  });
  expect(cover(coverage, runsOf([6, 12]), 2_000)).toEqual({ doubled: [], late: [] });
  expect(coverage.gaps.map(({ from, to }) => [from, to])).toEqual([
    [1, 2],
    [5, 5],
    [7, 8],
    [10, 11],
  ]);
  expect(isOpen(coverage.gaps, 7)).toBe(true);
  expect(isOpen(coverage.gaps, 6)).toBe(false);
  expect(openGaps(coverage, 1_001 + LATE_MS).map(({ from }) => from)).toEqual([10]);
});

test('an id is sealed once, and not in a gap that was closed', () => {
  const coverage = emptyCoverage();
  cover(coverage, runsOf([1, 2, 6]), 0);
  expect(cover(coverage, [{ from: 2, to: 4 }], 1)).toEqual({ doubled: [{ from: 2, to: 2 }], late: [] });
  expect(cover(coverage, [{ from: 5, to: 7 }], LATE_MS + 1)).toEqual({
    doubled: [{ from: 6, to: 6 }],
    late: [{ from: 5, to: 5 }],
  });
  expect(coverage).toEqual({ high: 7, gaps: [] });
});

test('a thousand random fillings agree with a plain set of ids', () => {
  const coverage = emptyCoverage();
  const sealed = new Set<number>();
  let seed = 7;
  const random = (below: number): number => {
    seed = (seed * 48_271) % 2_147_483_647;
    return seed % below;
  };
  for (let round = 0; round < 1_000; round += 1) {
    const from = 1 + random(3_000);
    const ids = Array.from({ length: 1 + random(6) }, (_, index) => from + index);
    const { doubled } = cover(coverage, runsOf(ids), 0);
    const again = ids.filter((id) => sealed.has(id));
    expect(doubled.flatMap((run) => Array.from({ length: run.to - run.from + 1 }, (_, i) => run.from + i))).toEqual(
      again,
    );
    for (const id of ids) sealed.add(id);
  }
  const open = Array.from({ length: coverage.high }, (_, index) => index + 1).filter((id) => isOpen(coverage.gaps, id));
  expect(open).toEqual(Array.from({ length: coverage.high }, (_, i) => i + 1).filter((id) => !sealed.has(id)));
});
