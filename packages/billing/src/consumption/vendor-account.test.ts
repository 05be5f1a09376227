import { expect, test } from 'vitest';
import { consumedNearest, isExplained, type Reading } from './vendor-account.ts';

const reading = (microYuan: number, microCoins: number, microYuanPerCoin = 1_500): Reading => ({
  microYuan,
  microCoins,
  microYuanPerCoin,
  day: '2026-01-15',
  at: new Date('2026-01-14T16:00:10.000Z'),
});
const nothing = { microYuan: 0, microCoins: 0 };

test('what an account consumed is what it held, less what is left, and what was paid in', () => {
  const opening = reading(500_000_000, 100_000_000_000);
  expect(consumedNearest({ opening, closing: reading(499_520_000, 99_952_000_000), toppedUp: nothing })).toBe(552_000);
  const toppedUp = { microYuan: 200_000_000, microCoins: 1_000_000 };
  expect(consumedNearest({ opening, closing: reading(699_000_000, 100_000_000_000), toppedUp })).toBe(1_001_500);
});

test('a top-up that nobody wrote down is less than nothing consumed', () => {
  expect(consumedNearest({ opening: reading(0, 0), closing: reading(5, 3_000_000), toppedUp: nothing })).toBe(-4_505);
});

function spent(microCoins: number): number {
  const closing = reading(0, 10_000_000 - microCoins, 3);
  return consumedNearest({ opening: reading(0, 10_000_000, 3), closing, toppedUp: nothing });
}

test('parts of a coin are rounded to the nearest micro-yuan', () => {
  expect([spent(166_666), spent(166_667), spent(500_000)]).toEqual([0, 1, 2]);
});

test('what is too much to be counted exactly is refused', () => {
  const opening = reading(0, Number.MAX_SAFE_INTEGER, 9_000_000);
  expect(() => consumedNearest({ opening, closing: reading(0, 0), toppedUp: nothing })).toThrow(RangeError);
});

test('the books explain what lies between what is sure and what may be, but for the last digit', () => {
  const explained = { least: 1_000_000, most: 1_500_000 };
  const judged = [988_999, 989_000, 1_200_000, 1_511_000, 1_511_001].map((sum) => isExplained(sum, explained, 1_000));
  expect(judged).toEqual([false, true, true, true, false]);
});
