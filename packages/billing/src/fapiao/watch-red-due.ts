import { raiseAlert, type Clock, type Db, shanghaiDay } from '@yunshang/db';
import { dayStart, shanghaiHour } from '../calendar/calendar.ts';
import { findOverdueRed } from './fapiao.store.ts';

/** In Asia/Shanghai: people look at it in the morning. */
const AT_HOUR = 9;

/**
 * Reminds finance, from 09:00 on each day in Asia/Shanghai until none is left, of the fapiao that were to be flushed red before that day. What
 * is demanded today has been told of in the transaction that demanded it. True when it is news.
 */
export async function watchRedDue({ db, clock }: { db: Db; clock: Clock }): Promise<boolean> {
  const now = clock.now();
  if (shanghaiHour(now) < AT_HOUR) return false;
  const day = shanghaiDay(now);
  const due = await findOverdueRed(db, dayStart(day));
  if (due === undefined) return false;
  const { count, fapiaoId, orderId, demandedAt } = due;
  const details = { count, fapiaoId, orderId, since: shanghaiDay(demandedAt) };
  return raiseAlert(db, { kind: 'fapiao_red_due', subject: 'reminder', period: day, details }, now);
}
