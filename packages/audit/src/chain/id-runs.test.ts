import { expect, test } from 'vitest';
import { countIds, decodeRuns, eachId, encodeRuns, runsOf } from './id-runs.ts';

const lists = [
  [],
  [1],
  [1, 2, 3, 4, 5],
  [2, 3, 7, 200, 201, 100_000, 4_294_967_296, 4_294_967_297],
  [Number.MAX_SAFE_INTEGER - 1, Number.MAX_SAFE_INTEGER],
];

test.each(lists.map((ids) => ({ ids })))('$ids are the same after being written and read', ({ ids }) => {
  const runs = decodeRuns(encodeRuns(runsOf(ids)));
  expect([...eachId(runs ?? [])]).toEqual(ids);
  expect(countIds(runs ?? [])).toBe(ids.length);
});

test('neighbours take two bytes, however many they are', () => {
  expect(encodeRuns(runsOf(Array.from({ length: 100 }, (_, index) => index + 1)))).toHaveLength(2);
});

test.each([
  ['a number that does not end', Buffer.from([0x80])],
  ['half a run', Buffer.from([1])],
  ['a run that does not go on', Buffer.from([1, 0, 0, 0])],
  ['more than a safe integer', Buffer.from([...Array<number>(9).fill(0xff), 0x7f, 0])],
  ['a run beyond the safe integers', encodeRuns([{ from: Number.MAX_SAFE_INTEGER, to: 2 * Number.MAX_SAFE_INTEGER }])],
])('%s is refused', (_what, bytes) => {
  expect(decodeRuns(bytes)).toBeUndefined();
});
