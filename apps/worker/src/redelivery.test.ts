import { AppError } from '@yunshang/contracts';
import { expect, it } from 'vitest';
import { isPassing, nameOfError, redeliveryPauseMs } from './redelivery.ts';

it('doubles the pause up to five minutes', () => {
  expect([1, 2, 3, 9, 10, 11].map((failures) => redeliveryPauseMs(failures, 0))).toEqual([
    1_000, 2_000, 4_000, 256_000, 300_000, 300_000,
  ]);
});

it('waits out what comes back by itself, and only that', () => {
  expect(
    [new AppError('STORAGE_UNAVAILABLE'), new AppError('TASK_NOT_FOUND'), new Error('boom')].map(isPassing),
  ).toEqual([true, false, false]);
});

it('names an error without quoting it', () => {
  expect(nameOfError(new AppError('STORAGE_UNAVAILABLE'))).toBe('STORAGE_UNAVAILABLE');
  expect(nameOfError(new TypeError('the phone is +8613800138000'))).toMatch(/^TypeError( in \S+)?$/);
});

it('spreads what failed together over a quarter of the pause', () => {
  expect(redeliveryPauseMs(3, 0.999)).toBeGreaterThanOrEqual(3_000);
  expect(redeliveryPauseMs(3, 0.5)).toBe(3_500);
});
