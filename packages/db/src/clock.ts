/** Time is a dependency: real in the apps, moved by hand in tests. */
export type Clock = { now(): Date };

export const systemClock: Clock = { now: () => new Date() };

/** Asia/Shanghai has had no summer time since 1991. */
export const SHANGHAI_OFFSET_MS = 8 * 3_600_000;

/** The calendar day in Asia/Shanghai, as YYYY-MM-DD: of bills and reports, and of what is told or sent once a day. */
export function shanghaiDay(time: Date): string {
  return new Date(time.getTime() + SHANGHAI_OFFSET_MS).toISOString().slice(0, 10);
}
