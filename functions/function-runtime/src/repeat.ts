import { setTimeout as wait } from 'node:timers/promises';

/** Pauses before the second, third … try, in milliseconds. */
export type Pauses = readonly number[];

/** Runs `attempt` until it does not ask for another try, or the pauses are used up. */
export async function repeat<T>(
  pausesMs: Pauses,
  signal: AbortSignal,
  attempt: () => Promise<{ done: T } | { again: Error }>,
): Promise<T> {
  for (const pauseMs of [...pausesMs, undefined]) {
    const outcome = await attempt();
    if ('done' in outcome) return outcome.done;
    if (pauseMs === undefined) throw outcome.again;
    await wait(pauseMs, undefined, { signal });
  }
  throw new Error('unreachable: the last round returns or throws');
}

/** Answers that another try may change. */
export function isWorthAnother(status: number): boolean {
  return status >= 500 || status === 408 || status === 425 || status === 429;
}

/** Of an error, what may be told: never its message, which can hold a signed address. */
export function causeName(error: unknown): string {
  const cause = error instanceof Error && error.cause !== undefined ? error.cause : error;
  if (typeof cause === 'object' && cause !== null && 'code' in cause && typeof cause.code === 'string')
    return cause.code;
  return cause instanceof Error ? cause.name : 'unknown';
}
