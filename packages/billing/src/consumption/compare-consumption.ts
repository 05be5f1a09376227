import type { Finding } from '../reconciliation/exception.ts';
import { finding } from '../reconciliation/exception.ts';
import { add, newTally, type Tally } from '../reconciliation/tally.ts';
import { dayStart } from '../calendar/calendar.ts';
import type { ConsumptionBook } from './consumption-book.ts';

const DAY_MS = 86_400_000;

export type ConsumptionRun = { day: string; onProgress: () => Promise<void>; keep: (found: Finding) => Promise<void> };

/** `isComplete`: every vendor was read, so that what was not found is not there. */
export type ConsumptionCompared = { tally: Tally; isComplete: boolean };

/** Compares what each vendor says that a day consumed with the cost rows of it. A vendor that can not be read is a difference of its own. */
export async function compareConsumption(
  books: readonly ConsumptionBook[],
  run: ConsumptionRun,
): Promise<ConsumptionCompared> {
  const tally = newTally();
  const from = dayStart(run.day);
  const span = { from, to: new Date(from.getTime() + DAY_MS) };
  tally.counts['accounts'] = books.length;
  tally.counts['accountsUnread'] = 0;
  for (const book of books) {
    const { findings, counts, sums, unread } = await book.compare({ ...run, span });
    tally.findings.push(...findings);
    for (const [name, count] of Object.entries(counts)) add(tally.counts, name, count);
    for (const [name, sum] of Object.entries(sums)) add(tally.sums, name, sum);
    if (unread !== null) {
      add(tally.counts, 'accountsUnread', 1);
      const details = { account: book.account, why: unread };
      tally.findings.push(finding('consumption_unread', `${book.account}:${run.day}`, { details }));
    }
    await run.onProgress();
  }
  return { tally, isComplete: tally.counts['accountsUnread'] === 0 };
}
