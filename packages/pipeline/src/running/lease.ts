import { inTransaction, type Clock, type Db, type Tx } from '@yunshang/db';
import { isTerminal } from '../tasks/task.ts';
import { lockTask, moveTask, type TaskRow } from '../tasks/task.store.ts';

/** Somebody else has the task now, or it has ended: whatever was being done about it must be dropped. */
export class LeaseLost extends Error {
  override readonly name = 'LeaseLost';
}

/** The right to work on one task, until `leaseMs` after the last heartbeat. `token` is one run's own. */
export type Lease = { taskId: string; token: string; leaseMs: number };

export type Claim =
  | { kind: 'ended' }
  | { kind: 'busy'; until: Date }
  /** `began`: this claim moved the task out of pending. */
  | { kind: 'ours'; task: TaskRow; began: boolean };

/** Takes the task for this run unless another run holds it; the first claim moves it to processing. */
export function claimTask(db: Db, lease: Lease, now: Date): Promise<Claim> {
  return inTransaction(db, async (tx): Promise<Claim> => {
    const task = await lockTask(tx, lease.taskId);
    if (task === undefined || isTerminal(task.status)) return { kind: 'ended' };
    if (task.lease_until !== null && task.lease_until > now) return { kind: 'busy', until: task.lease_until };
    const until = new Date(now.getTime() + lease.leaseMs);
    const held = { owner: lease.token, until };
    if (task.status === 'pending' && (await moveTask(tx, { taskId: task.id, to: 'processing', lease: held, now })))
      return { kind: 'ours', task, began: true };
    await tx
      .updateTable('tasks')
      .set({ lease_owner: held.owner, lease_until: held.until })
      .where('id', '=', lease.taskId)
      .execute();
    return { kind: 'ours', task, began: false };
  });
}

/** Locks the task's row and throws LeaseLost unless this run still holds it: the fence in front of every write. */
export async function lockOurTask(tx: Tx, lease: Lease): Promise<TaskRow> {
  const task = await lockTask(tx, lease.taskId);
  if (task?.status !== 'processing' || task.lease_owner !== lease.token) throw new LeaseLost();
  return task;
}

/** Lets the next delivery begin at once instead of after the lease's end. */
export async function releaseLease(db: Db, lease: Lease): Promise<void> {
  await db
    .updateTable('tasks')
    .set({ lease_owner: null, lease_until: null })
    .where('id', '=', lease.taskId)
    .where('lease_owner', '=', lease.token)
    .execute();
}

/** Extends the lease three times per `leaseMs`; `signal` aborts once it is lost, or could not be extended in time. */
export function keepLease(db: Db, clock: Clock, lease: Lease): { signal: AbortSignal; stop(): void } {
  const controller = new AbortController();
  let until = clock.now().getTime() + lease.leaseMs;
  const beat = async (): Promise<void> => {
    const next = clock.now().getTime() + lease.leaseMs;
    try {
      if (!(await extend(db, lease, new Date(next)))) controller.abort(new LeaseLost());
      until = next;
    } catch {
      // The database may be back before the lease ends; only then is the task somebody else's.
      if (clock.now().getTime() >= until) controller.abort(new LeaseLost());
    }
  };
  const timer = setInterval(() => void beat(), lease.leaseMs / 3);
  timer.unref();
  return { signal: controller.signal, stop: () => clearInterval(timer) };
}

async function extend(db: Db, lease: Lease, until: Date): Promise<boolean> {
  const result = await db
    .updateTable('tasks')
    .set({ lease_until: until })
    .where('id', '=', lease.taskId)
    .where('lease_owner', '=', lease.token)
    .where('status', '=', 'processing')
    .executeTakeFirst();
  return result.numUpdatedRows > 0n;
}
