const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 300_000;
/** From this delivery on somebody has to look; the job is never given up, only asked rarely. */
export const DEAD_AFTER_ATTEMPTS = 12;
export const DEAD_PAUSE_MS = 3_600_000;

/** A job delivered so often and still failing. */
export function isDeadLetter(attempt: number): boolean {
  return attempt >= DEAD_AFTER_ATTEMPTS;
}

/**
 * How long a job that failed waits for its next delivery: 1 s, 2 s, 4 s … 5 min, and an hour once it is a dead letter; shortened
 * by up to a quarter so that what failed together does not come back together. `random` is in [0, 1).
 */
export function redeliveryPauseMs(attempt: number, random: number): number {
  const fullMs = isDeadLetter(attempt)
    ? DEAD_PAUSE_MS
    : Math.min(FIRST_PAUSE_MS * 2 ** Math.max(0, attempt - 1), LONGEST_PAUSE_MS);
  return Math.round(fullMs * (1 - random / 4));
}
