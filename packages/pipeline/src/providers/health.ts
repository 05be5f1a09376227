/** A provider that fails this often in a row is down. */
export const FAILURES_TO_DOWN = 3;
/**
 * How long a provider that is down is left alone before one call may try it. With the schedule that asks where asking is free,
 * every 2 s, a provider that is well again is found within 10 s.
 */
export const PROBE_AFTER_MS = 8_000;

export type Health = { status: 'up' | 'degraded' | 'down'; consecutiveFailures: number; probeAfter: Date | null };

/** closed: call it. half_open: one caller may try it. open: leave it alone. */
export type Breaker = 'closed' | 'half_open' | 'open';

export function breakerOf(health: Health, now: Date): Breaker {
  if (health.status !== 'down') return 'closed';
  return health.probeAfter === null || health.probeAfter <= now ? 'half_open' : 'open';
}

/** The state after one more failure. */
export function afterFailure(health: Pick<Health, 'consecutiveFailures'>, now: Date): Health {
  const consecutiveFailures = health.consecutiveFailures + 1;
  return consecutiveFailures >= FAILURES_TO_DOWN
    ? { status: 'down', consecutiveFailures, probeAfter: new Date(now.getTime() + PROBE_AFTER_MS) }
    : { status: 'degraded', consecutiveFailures, probeAfter: null };
}
