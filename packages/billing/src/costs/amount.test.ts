import { expect, test } from 'vitest';
import { costOfUnits, eachNearest, safeSum, storageDayUp } from './amount.ts';

test('sums come as numbers, as text or not at all, and are exact or refused', () => {
  expect([safeSum('9007199254740991'), safeSum(12), safeSum(null), safeSum(-3n)]).toEqual([
    9_007_199_254_740_991, 12, 0, -3,
  ]);
  for (const sum of ['9007199254740993', '0.5', 0.5, {}]) expect(() => safeSum(sum)).toThrow('safe integer');
});

test('units are whole, and what can not be counted exactly is refused', () => {
  expect(costOfUnits(30_000, 12)).toBe(360_000);
  expect(() => costOfUnits(1, 1.5)).toThrow(RangeError);
  expect(() => costOfUnits(1, -1)).toThrow(RangeError);
  expect(() => costOfUnits(1_000_000_000, 1_000_000_000)).toThrow('exactly');
});

test('a day of storage is its share of the month, a started micro-yuan being a whole one', () => {
  const price = { microYuanPerGbMonth: 118_000 };
  expect(storageDayUp({ ...price, bytes: 0, daysInMonth: 30 })).toBe(0);
  expect(storageDayUp({ ...price, bytes: 1, daysInMonth: 30 })).toBe(1);
  expect(storageDayUp({ ...price, bytes: 1_073_741_824, daysInMonth: 28 })).toBe(4_215); // 4214.28…
  // 9 PB are beyond what a product of floats would tell exactly.
  expect(storageDayUp({ ...price, bytes: 9_000_000_000_000_000, daysInMonth: 31 })).toBe(31_905_308_847);
});

test('what one of many cost is rounded to the nearest, half up; nobody shares nothing', () => {
  expect(eachNearest(10, 4)).toBe(3); // 2.5
  expect(eachNearest(9, 4)).toBe(2);
  expect(eachNearest(9_007_199_254_740_991, 3)).toBe(3_002_399_751_580_330);
  expect(() => eachNearest(1, 0)).toThrow(RangeError);
});
