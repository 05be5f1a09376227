import { shanghaiDay } from '@yunshang/db';
import type { Endings, MemberEnd } from './compute-day.ts';

/** Ends that days of a chain left and that are in no table. */
export function keepEndings(): { keep(ends: readonly MemberEnd[]): void; endings: Endings } {
  const byDay = new Map<string, Set<string>>();
  return {
    keep: (ends) => {
      for (const { userId, endsAt } of ends) {
        const day = shanghaiDay(endsAt);
        byDay.set(day, (byDay.get(day) ?? new Set()).add(userId));
      }
    },
    endings: async ({ firstDay }) => [...(byDay.get(firstDay) ?? [])],
  };
}
