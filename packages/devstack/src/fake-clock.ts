export type FakeClock = {
  now(): Date;
  /** Moves forward by that many milliseconds (backward when negative) and returns the new time. */
  advance(ms: number): Date;
  set(time: Date | string): Date;
};

/** A clock that moves only when told; the one thing tests fake. */
export function fakeClock(start: Date | string = '2026-01-15T04:00:00.000Z'): FakeClock {
  let timeMs = new Date(start).getTime();
  const now = (): Date => new Date(timeMs);
  return {
    now,
    advance: (ms) => {
      timeMs += ms;
      return now();
    },
    set: (time) => {
      timeMs = new Date(time).getTime();
      return now();
    },
  };
}
