import type { Db, Tx } from '@yunshang/db';

export type DeadJobRow = {
  id: number;
  job: string;
  payload: unknown;
  attempts: number;
  failures: number;
  last_error: string | null;
  created_at: Date;
  dead_at: Date | null;
};

const columns = ['id', 'job', 'payload', 'attempts', 'failures', 'last_error', 'created_at', 'dead_at'] as const;

/** The newest first. */
export function listDead(db: Db, page: { cursor?: number | undefined; limit: number }): Promise<DeadJobRow[]> {
  let query = db.selectFrom('outbox').select(columns).where('dead_at', 'is not', null);
  if (page.cursor !== undefined) query = query.where('id', '<', page.cursor);
  return query.orderBy('id', 'desc').limit(page.limit).execute();
}

export function findJob(db: Db, jobId: number): Promise<DeadJobRow | undefined> {
  return db.selectFrom('outbox').select(columns).where('id', '=', jobId).executeTakeFirst();
}

/** Due now, with all its tries ahead of it. False when it is not dead. */
export async function reviveJob(tx: Tx, jobId: number, now: Date): Promise<boolean> {
  const { numUpdatedRows } = await tx
    .updateTable('outbox')
    .set({ dead_at: null, due_at: now, failures: 0, in_flight: 0 })
    .where('id', '=', jobId)
    .where('dead_at', 'is not', null)
    .executeTakeFirst();
  return numUpdatedRows > 0n;
}

/** False when it is not dead, or gone. */
export async function deleteDeadJob(tx: Tx, jobId: number): Promise<boolean> {
  const { numDeletedRows } = await tx
    .deleteFrom('outbox')
    .where('id', '=', jobId)
    .where('dead_at', 'is not', null)
    .executeTakeFirst();
  return numDeletedRows > 0n;
}

export async function isOrderOpen(tx: Tx, orderId: string): Promise<boolean> {
  const row = await tx.selectFrom('orders').select('status').where('id', '=', orderId).forUpdate().executeTakeFirst();
  return row?.status === 'pending';
}

export async function isRefundOpen(tx: Tx, refundId: string): Promise<boolean> {
  const refund = tx.selectFrom('order_refunds').select('ended_at').where('id', '=', refundId).forUpdate();
  return (await refund.executeTakeFirst())?.ended_at === null;
}

export async function ownerOfTask(db: Db, taskId: string): Promise<string | undefined> {
  return (await db.selectFrom('tasks').select('user_id').where('id', '=', taskId).executeTakeFirst())?.user_id;
}
