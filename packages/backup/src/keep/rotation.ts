import { SHANGHAI_OFFSET_MS } from '@yunshang/db';

/** How many of each kind are kept: the newest of a day, of a week, of a month. */
export type Keep = { readonly daily: number; readonly weekly: number; readonly monthly: number };

const NAME = /^yunshang-(\d{4})(\d{2})(\d{2})T(\d{2})(\d{2})(\d{2})Z\.backup$/;
const DAY_MS = 86_400_000;

/** The name of a backup that was taken then; names are in the order of their times. */
export function backupName(takenAt: Date): string {
  return `yunshang-${takenAt.toISOString().slice(0, 19).replaceAll(/[-:]/g, '')}Z.backup`;
}

/** When the backup of that name was taken; undefined for the name of anything else. */
export function takenAtOf(name: string): Date | undefined {
  const match = NAME.exec(name);
  if (match === null) return undefined;
  const [year, month, day, hour, minute, second] = match.slice(1);
  const time = new Date(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
  return Number.isNaN(time.getTime()) ? undefined : time;
}

/**
 * The backups that nothing keeps: of the last so many days, weeks and months in which there are any, the newest of each stays. The
 * newest of all always stays. What is no backup of ours is never named.
 */
export function toRemove(names: readonly string[], keep: Keep): string[] {
  const backups = names
    .flatMap((name) => {
      const time = takenAtOf(name);
      return time === undefined ? [] : [{ name, time: new Date(time.getTime() + SHANGHAI_OFFSET_MS) }];
    })
    .toSorted((one, other) => other.time.getTime() - one.time.getTime());
  const kept = new Set(backups.slice(0, 1).map(({ name }) => name));
  const keepNewest = (count: number, periodOf: (time: Date) => string | number): void => {
    const newest = new Map<string | number, string>();
    for (const { name, time } of backups) if (!newest.has(periodOf(time))) newest.set(periodOf(time), name);
    for (const name of [...newest.values()].slice(0, count)) kept.add(name);
  };
  keepNewest(keep.daily, (time) => Math.floor(time.getTime() / DAY_MS));
  // Day 0 was a Thursday: weeks begin on Mondays.
  keepNewest(keep.weekly, (time) => Math.floor((time.getTime() / DAY_MS + 3) / 7));
  keepNewest(keep.monthly, (time) => time.toISOString().slice(0, 7));
  return backups.map(({ name }) => name).filter((name) => !kept.has(name));
}
