import { expect, test } from 'vitest';
import { afterFailure, breakerOf, FAILURES_TO_DOWN, PROBE_AFTER_MS, type Health } from './health.ts';

const now = new Date('2026-01-15T04:00:00Z');
const after = (failures: number): Health => {
  let health: Health = { status: 'up', consecutiveFailures: 0, probeAfter: null };
  for (let i = 0; i < failures; i++) health = afterFailure(health, now);
  return health;
};

test('a provider is down after three failures in a row, not before', () => {
  expect(breakerOf(after(FAILURES_TO_DOWN - 1), now)).toBe('closed');
  expect(breakerOf(after(FAILURES_TO_DOWN), now)).toBe('open');
});

test('it may be tried again once its pause is over', () => {
  const down = after(FAILURES_TO_DOWN);
  expect(breakerOf(down, new Date(now.getTime() + PROBE_AFTER_MS - 1))).toBe('open');
  expect(breakerOf(down, new Date(now.getTime() + PROBE_AFTER_MS))).toBe('half_open');
});

test('a failure while it is down begins the pause again', () => {
  const at = new Date(now.getTime() + PROBE_AFTER_MS);
  expect(breakerOf(afterFailure(after(FAILURES_TO_DOWN), at), at)).toBe('open');
});
