import { ERRORS, isAppError } from '@yunshang/contracts';
import { isConnectionLost, isTransient, loggableDatabaseError } from '@yunshang/db';

const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 300_000;
/** Failures in a row, about 17 minutes of them: from then on somebody has to look. */
export const DEAD_AFTER_FAILURES = 12;

/**
 * How long a job that failed waits for its next delivery: 1 s, 2 s, 4 s … 5 min; shortened by up to a quarter so that what
 * failed together does not come back together. `failures` in a row, this one included; `random` is in [0, 1).
 */
export function redeliveryPauseMs(failures: number, random: number): number {
  const fullMs = Math.min(FIRST_PAUSE_MS * 2 ** Math.max(0, failures - 1), LONGEST_PAUSE_MS);
  return Math.round(fullMs * (1 - random / 4));
}

/** Something is away that comes back by itself: such a job is asked again for as long as it takes and never dies. */
export function isPassing(error: unknown): boolean {
  if (isAppError(error)) return ERRORS[error.code].retryable;
  return isTransient(error) || isConnectionLost(error);
}

/** What an operator is shown of an error: its code or name and the place, never its message, which may quote data. */
export function nameOfError(error: unknown): string {
  if (isAppError(error)) return error.code;
  const database = loggableDatabaseError(error);
  if (database !== undefined) return `database error ${database.code ?? database.errno ?? ''}`.trim();
  if (!(error instanceof Error)) return 'not an Error';
  const place = /at (?:async )?([\w.$<>]+) \(/.exec(error.stack ?? '')?.[1];
  return place === undefined ? error.name : `${error.name} in ${place}`;
}
