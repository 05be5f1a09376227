import { type Db, shanghaiDay } from '@yunshang/db';
import { findClosed, findLastClosedDay } from './closed-days.store.ts';
import type { Link } from './compute-day.ts';
import { findFirstPosting } from './ledger-slice.store.ts';
import { nextDay } from './period.ts';

/** The first day that is not closed, and the closed one before it; undefined while the ledgers are empty. */
export async function beginChain(db: Db): Promise<{ day: string; before: Link | undefined } | undefined> {
  const lastClosed = await findLastClosedDay(db);
  if (lastClosed === undefined) {
    const first = await findFirstPosting(db);
    return first === undefined ? undefined : { day: shanghaiDay(first), before: undefined };
  }
  const closed = await findClosed(db, 'day', lastClosed);
  if (closed === undefined) throw new Error(`the closed day ${lastClosed} is gone`);
  const before = { day: lastClosed, report: closed.report, upTo: closed.marks };
  return { day: nextDay(lastClosed), before };
}
