/** After this many tries a target is not told of that alert any more: four hours after the first. */
export const MAX_TRIES = 10;
const FIRST_PAUSE_MS = 10_000;
const LONGEST_PAUSE_MS = 3_600_000;

/** How long the next try waits after that many: 10 s, 30 s, 90 s … an hour at most. */
export function pauseAfter(tries: number): number {
  return Math.min(FIRST_PAUSE_MS * 3 ** Math.max(0, tries - 1), LONGEST_PAUSE_MS);
}

export function isDue({ tries, triedAt }: { tries: number; triedAt: Date | null }, now: Date): boolean {
  return triedAt === null || triedAt.getTime() + pauseAfter(tries) <= now.getTime();
}
