import type { Clock, Db } from '@yunshang/db';
import { hasRun, markRun } from '../calendar/calendar-run.store.ts';
import { shanghaiDay, shanghaiHour } from '../calendar/calendar.ts';
import { listLowMembers, listMemberPage } from './low-quota.store.ts';
import { insertLowQuota } from './notice.store.ts';

/** Told below this. */
export const LOW_QUOTA = 10;
/** From then on, in Asia/Shanghai: nobody is told at night. */
const AT_HOUR = 9;
const NAME = 'low_quota';
const PAGE = 500;

/**
 * Once a calendar day, from 09:00 in Asia/Shanghai, tells members with little quota and a plan in force. Interrupted, the next run goes over
 * everybody again and tells only who was not told that day. Returns how many it told.
 */
export async function tellLowQuota({ db, clock }: { db: Db; clock: Clock }): Promise<number> {
  const now = clock.now();
  const day = shanghaiDay(now);
  if (shanghaiHour(now) < AT_HOUR || (await hasRun(db, NAME, day))) return 0;
  let told = 0;
  let page = await listMemberPage(db, { after: '', limit: PAGE });
  while (page.length > 0) {
    const low = await listLowMembers(db, page, { below: LOW_QUOTA, now });
    told += await insertLowQuota(db, low, { day, now });
    page = page.length < PAGE ? [] : await listMemberPage(db, { after: page.at(-1) ?? '', limit: PAGE });
  }
  await markRun(db, NAME, { day, now });
  return told;
}
