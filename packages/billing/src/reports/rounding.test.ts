import { expect, test } from 'vitest';
import { arpuDown, fenNearest, plus } from './rounding.ts';

test('micro-yuan are shown to the nearest fen, half away from zero', () => {
  const amounts = [0, 4_999, 5_000, 14_999, 15_000, -4_999, -5_000, -15_000, 9_007_199_254_740_991];
  expect(amounts.map(fenNearest)).toEqual([0, 0, 1, 1, 2, 0, -1, -2, 900_719_925_474]);
  expect(Object.is(fenNearest(-4_999), 0)).toBe(true);
});

test('nothing but a whole number is an amount', () => {
  for (const amount of [0.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53])
    expect(() => fenNearest(amount)).toThrow(RangeError);
  expect(() => plus(Number.MAX_SAFE_INTEGER, 1)).toThrow(RangeError);
});

test('revenue for each member is rounded down, a loss away from zero', () => {
  expect([arpuDown(100, 3), arpuDown(-100, 3), arpuDown(99, 3), arpuDown(-99, 3), arpuDown(5, 0)]).toEqual([
    33,
    -34,
    33,
    -33,
    null,
  ]);
});

test('agrees with whole numbers of any size, over a million sums', () => {
  // A fixed sequence: the same amounts in every run.
  let seed = 88_172_645_463_325_252n;
  const next = (): number => {
    seed ^= (seed << 13n) & 0xffff_ffff_ffff_ffffn;
    seed ^= seed >> 7n;
    seed ^= (seed << 17n) & 0xffff_ffff_ffff_ffffn;
    return Number(seed % 9_000_000_000n) - 4_500_000_000;
  };
  let [sum, exact] = [0, 0n];
  for (let row = 0; row < 1_000_000; row += 1) {
    const amount = row % 10 === 0 ? next() : 9_900 - (row % 20_000);
    sum = plus(sum, amount);
    exact += BigInt(amount);
    if (row % 1_000 !== 0) continue;
    const half = exact < 0n ? -5_000n : 5_000n;
    if (BigInt(fenNearest(sum)) !== (exact + half) / 10_000n) throw new Error(`row ${row}: ${exact}`);
  }
  expect(BigInt(sum)).toBe(exact);
});
