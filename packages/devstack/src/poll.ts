import { setTimeout as wait } from 'node:timers/promises';

export type PollOptions = { timeoutMs?: number; everyMs?: number; what?: string };

/** Calls `probe` until it gives something other than undefined, null or false, and returns that. Throws when time is up. */
export async function until<T>(
  probe: () => T | Promise<T>,
  { timeoutMs = 10_000, everyMs = 20, what = 'the condition' }: PollOptions = {},
): Promise<Exclude<T, undefined | null | false>> {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    const value = await probe();
    if (isThere(value)) return value;
    if (performance.now() > deadline) throw new Error(`waited ${timeoutMs} ms for ${what}`);
    await wait(everyMs);
  }
}

function isThere<T>(value: T): value is Exclude<T, undefined | null | false> {
  return value !== undefined && value !== null && value !== false;
}
