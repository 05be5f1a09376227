import { newId, type Db } from '@yunshang/db';
import type { Verdict } from './moderator.ts';

export type Direction = 'input' | 'output';
/** What was looked at: a member's upload, or what a task made. */
export type Subject = { direction: Direction; objectKey: string } & ({ assetId: string } | { taskId: string });

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

export async function recordVerdict(
  db: Db,
  { subject, sha256, verdict, now }: { subject: Subject; sha256: Buffer; verdict: Verdict; now: Date },
): Promise<void> {
  await db
    .insertInto('moderation_results')
    .values({
      id: newId(),
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
