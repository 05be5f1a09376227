import { inTransaction, promiseJobs, type Clock, type Db, shanghaiDay } from '@yunshang/db';
import { hasRun, markRun } from '../calendar/calendar-run.store.ts';
import { shanghaiHour } from '../calendar/calendar.ts';
import { listLowMembers, listMemberPage, type LowMember } from './low-quota.store.ts';
import { insertLowQuota, insertTexts } from './notice.store.ts';

/** Told below this. */
export const LOW_QUOTA = 10;
/** From then on, in Asia/Shanghai: nobody is told at night. */
const AT_HOUR = 9;
const NAME = 'low_quota';
const PAGE = 500;

/** In one transaction, which holds their rows against nobody for long. */
const TEXTED_AT_ONCE = 50;

/** `texts`: who agreed is texted too. */
export type TellLowQuotaDeps = { db: Db; clock: Clock; texts: boolean };

/**
 * Once a calendar day, from 09:00 in Asia/Shanghai, tells members with little quota and a plan in force. Interrupted, the next run goes over
 * everybody again and tells only who was not told that day; the text is promised with the notice, so it is sent as rarely. Returns how many it told.
 */
export async function tellLowQuota({ db, clock, texts }: TellLowQuotaDeps): Promise<number> {
  const now = clock.now();
  const day = shanghaiDay(now);
  if (shanghaiHour(now) < AT_HOUR || (await hasRun(db, NAME, day))) return 0;
  let told = 0;
  let page = await listMemberPage(db, { after: '', limit: PAGE });
  while (page.length > 0) {
    const low = await listLowMembers(db, page, { below: LOW_QUOTA, now });
    const [texted, others] = texts ? split(low) : [[], low];
    told += await insertLowQuota(db, others, { day, now });
    for (let from = 0; from < texted.length; from += TEXTED_AT_ONCE)
      told += await tellByText(db, texted.slice(from, from + TEXTED_AT_ONCE), { day, now });
    page = page.length < PAGE ? [] : await listMemberPage(db, { after: page.at(-1) ?? '', limit: PAGE });
  }
  await markRun(db, NAME, { day, now });
  return told;
}

function split(members: readonly LowMember[]): [LowMember[], LowMember[]] {
  return [members.filter(({ agreedToSms }) => agreedToSms), members.filter(({ agreedToSms }) => !agreedToSms)];
}

function tellByText(db: Db, members: readonly LowMember[], { day, now }: { day: string; now: Date }): Promise<number> {
  return inTransaction(db, async (tx) => {
    const noticeIds = await insertTexts(tx, members, { day, now });
    await promiseJobs(
      tx,
      noticeIds.map((noticeId) => ({ payload: { noticeId }, dedupKey: `notice.sms:${noticeId}` })),
      { job: 'notice.sms', now },
    );
    return noticeIds.length;
  });
}
