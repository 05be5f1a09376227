import { bookUnits, settleUnits } from '@yunshang/billing';
import { inTransaction, type Db } from '@yunshang/db';
import type { Verdict } from './moderator.ts';

export type Direction = 'input' | 'output';
/** What was looked at: a member's upload, or what a task made for them. */
export type Subject = { direction: Direction; objectKey: string; userId: string } & (
  | { assetId: string }
  | { taskId: string; featureId: string }
);

/** The newest verdict on these very bytes since `since`. */
export async function findVerdict(
  db: Db,
  of: { sha256: Buffer; direction: Direction; since: Date },
): Promise<Verdict | undefined> {
  const row = await db
    .selectFrom('moderation_results')
    .select(['verdict', 'reason', 'vendor_ref'])
    .where('sha256', '=', of.sha256)
    .where('direction', '=', of.direction)
    .where('created_at', '>=', of.since)
    .orderBy('id', 'desc')
    .limit(1)
    .executeTakeFirst();
  if (row === undefined) return undefined;
  return {
    verdict: row.verdict,
    ...(row.reason === null ? {} : { reason: row.reason }),
    ...(row.vendor_ref === null ? {} : { ref: row.vendor_ref }),
  };
}

/** Commits the intent to have a picture looked at, with its cost: a call whose answer is lost may be paid for as well. */
export function beginCheck(db: Db, { id, subject, now }: { id: string; subject: Subject; now: Date }): Promise<void> {
  const { userId } = subject;
  const task = 'taskId' in subject ? { taskId: subject.taskId, featureId: subject.featureId } : {};
  const what = { item: 'tencent_ims:picture', vendor: 'tencent_ims', units: 1 };
  return inTransaction(db, (tx) => bookUnits(tx, { ...what, subject: costSubject(id), userId, ...task, now }));
}

/** The vendor was asked and does not charge for it. */
export async function settleUnpaid(db: Db, id: string, now: Date): Promise<void> {
  await settleUnits(db, { subject: costSubject(id), units: 0, now });
}

/** What a check's costs are booked under. */
function costSubject(checkId: string): string {
  return `moderation:${checkId}`;
}

export async function recordVerdict(
  db: Db,
  check: { id: string; subject: Subject; sha256: Buffer; verdict: Verdict; now: Date },
): Promise<void> {
  const { id, subject, sha256, verdict, now } = check;
  await db
    .insertInto('moderation_results')
    .values({
      id,
      asset_id: 'assetId' in subject ? subject.assetId : null,
      task_id: 'taskId' in subject ? subject.taskId : null,
      object_key: subject.objectKey,
      sha256,
      direction: subject.direction,
      verdict: verdict.verdict,
      reason: verdict.reason?.slice(0, 60) ?? null,
      vendor_ref: verdict.ref?.slice(0, 100) ?? null,
      created_at: now,
    })
    .execute();
}
