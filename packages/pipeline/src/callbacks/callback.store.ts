import { isDuplicate, toJson, type Db, type Tx } from '@yunshang/db';

export type JobRow = {
  attemptId: string;
  attemptNo: number;
  userId: string;
  providerRef: string;
  vendorRef: string | null;
  isScf: boolean;
};

/** The attempt of that id, at that step of that task; undefined for any other. */
export async function findJob(
  db: Db,
  of: { taskId: string; stepIndex: number; attemptId: string },
): Promise<JobRow | undefined> {
  const row = await db
    .selectFrom('task_attempts as a')
    .innerJoin('tasks as t', 't.id', 'a.task_id')
    .innerJoin('provider_endpoints as e', 'e.provider_ref', 'a.provider_ref')
    .select(['a.id', 'a.attempt_no', 'a.provider_ref', 'a.vendor_ref', 't.user_id', 'e.kind'])
    .where('a.id', '=', of.attemptId)
    .where('a.task_id', '=', of.taskId)
    .where('a.step_index', '=', of.stepIndex)
    .executeTakeFirst();
  return row === undefined
    ? undefined
    : {
        attemptId: row.id,
        attemptNo: row.attempt_no,
        userId: row.user_id,
        providerRef: row.provider_ref,
        vendorRef: row.vendor_ref,
        isScf: row.kind === 'scf',
      };
}

/** False when this nonce was used before: the same signed callback is taken once. */
export async function takeNonce(tx: Tx, nonce: string, now: Date): Promise<boolean> {
  try {
    await tx.insertInto('callback_nonces').values({ nonce, seen_at: now }).execute();
    return true;
  } catch (error) {
    if (isDuplicate(error)) return false;
    throw error;
  }
}

/** Keeps what the function said, once, while its attempt is open; the vendor evidently had the work. */
export async function keepResult(tx: Tx, attemptId: string, result: unknown): Promise<boolean> {
  const kept = await tx
    .updateTable('task_attempts')
    .set({ result: toJson(result) })
    .where('id', '=', attemptId)
    .where('status', 'in', ['started', 'submitted', 'unknown'])
    .where('result', 'is', null)
    .executeTakeFirst();
  return kept.numUpdatedRows > 0n;
}

const PAGE = 1_000;

/** Nonces older than any callback that would still be believed. */
export async function forgetNonces(db: Db, before: Date): Promise<void> {
  await db.deleteFrom('callback_nonces').where('seen_at', '<', before).limit(PAGE).execute();
}

/** The open attempt a hint's token belongs to. */
export function findHinted(
  db: Db,
  hintHash: Buffer,
): Promise<{ id: string; task_id: string; provider_ref: string; vendor_ref: string | null } | undefined> {
  return db
    .selectFrom('task_attempts')
    .select(['id', 'task_id', 'provider_ref', 'vendor_ref'])
    .where('hint_token', '=', hintHash)
    .where('status', 'in', ['started', 'submitted', 'unknown'])
    .executeTakeFirst();
}

/** A vendor's name for work whose answer was lost; refused when another attempt has it. */
export async function claimVendorRef(
  tx: Tx,
  attempt: { id: string; providerRef: string },
  claim: { vendorRef: string; since: Date },
): Promise<void> {
  const taken = await tx
    .selectFrom('task_attempts')
    .select('id')
    .where('provider_ref', '=', attempt.providerRef)
    .where('started_at', '>', claim.since)
    .where('vendor_ref', '=', claim.vendorRef)
    .executeTakeFirst();
  if (taken !== undefined) return;
  await tx
    .updateTable('task_attempts')
    .set({ vendor_ref: claim.vendorRef })
    .where('id', '=', attempt.id)
    .where('vendor_ref', 'is', null)
    .where('status', 'in', ['started', 'unknown'])
    .execute();
}
