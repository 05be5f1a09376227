import type { Tx } from '@yunshang/db';

/** Makes an open refund's next look due now; false when it has ended and nothing is left to look at. */
export async function hurryRefund(tx: Tx, refundId: string, now: Date): Promise<boolean> {
  const job = await tx
    .selectFrom('outbox')
    .select(['id', 'dead_at'])
    .where('dedup_key', '=', `refund:${refundId}`)
    .forUpdate()
    .executeTakeFirst();
  if (job === undefined) return false;
  await tx
    .updateTable('outbox')
    .set({ due_at: now, dead_at: null, failures: 0, last_error: null })
    .where('id', '=', job.id)
    .execute();
  return true;
}
