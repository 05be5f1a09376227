/** Time is a dependency: real in the apps, moved by hand in tests. */
export type Clock = { now(): Date };

export const systemClock: Clock = { now: () => new Date() };
