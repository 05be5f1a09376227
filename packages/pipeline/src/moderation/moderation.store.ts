import { bookUnits } from '@yunshang/billing';
import { newId, type Db, type Tx } from '@yunshang/db';
import type { Checked, Verdict } from './moderator.ts';

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

/** The verdict of one call, with what it cost. */
export async function recordCheck(
  tx: Tx,
  { subject, sha256, checked, now }: { subject: Subject; sha256: Buffer; checked: Checked; now: Date },
): Promise<void> {
  const id = newId();
  const { verdict, pictures } = checked;
  await tx
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
  if (pictures === 0) return;
  const { userId } = subject;
  const task = 'taskId' in subject ? { taskId: subject.taskId, featureId: subject.featureId } : {};
  const what = { item: 'tencent_ims:picture', vendor: 'tencent_ims', units: pictures };
  await bookUnits(tx, { ...what, subject: `moderation:${id}`, userId, ...task, now });
}
