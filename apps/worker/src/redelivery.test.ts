import { expect, it } from 'vitest';
import { DEAD_AFTER_ATTEMPTS, DEAD_PAUSE_MS, isDeadLetter, redeliveryPauseMs } from './redelivery.ts';

it('doubles the pause up to five minutes', () => {
  expect([1, 2, 3, 9, 10, 11].map((attempt) => redeliveryPauseMs(attempt, 0))).toEqual([
    1_000, 2_000, 4_000, 256_000, 300_000, 300_000,
  ]);
});

it('never gives up a job: a dead letter comes back every hour', () => {
  expect(isDeadLetter(DEAD_AFTER_ATTEMPTS - 1)).toBe(false);
  expect([DEAD_AFTER_ATTEMPTS, 1_000_000].map((attempt) => redeliveryPauseMs(attempt, 0))).toEqual([
    DEAD_PAUSE_MS,
    DEAD_PAUSE_MS,
  ]);
});

it('spreads what failed together over a quarter of the pause', () => {
  expect(redeliveryPauseMs(3, 0.999)).toBeGreaterThanOrEqual(3_000);
  expect(redeliveryPauseMs(3, 0.5)).toBe(3_500);
});
