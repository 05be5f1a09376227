import { countTask } from '../tasks/count-task.ts';
import { refundTask } from '../tasks/refund-task.ts';
import { lockUser, settleCharge } from '@yunshang/billing';
import { inTransaction, type Clock, type Db } from '@yunshang/db';
import type { ProviderRegistry } from '../providers/provider.ts';
import { moveTask, type TaskRow } from '../tasks/task.store.ts';
import { abandonOpenWork, endAttempt, listTaskAttempts, type TaskAttempt } from './attempt.store.ts';
import { submittedWork } from './background-step.ts';
import { lockOurTask, type Lease } from './lease.ts';
import type { ProviderSlots } from './provider-slots.ts';

type Cancelling = {
  db: Db;
  clock: Clock;
  providers: ProviderRegistry;
  slots: ProviderSlots;
  lease: Lease;
};

const STOP_LIMIT_MS = 10_000;

/**
 * Ends a task whose member asked for it while it ran: the vendors are asked to stop, then the charge goes back unless some of
 * their work is billed. No other run has the task meanwhile.
 */
export async function cancelWork(cancelling: Cancelling, task: TaskRow): Promise<void> {
  const { db, clock, lease } = cancelling;
  const attempts = await listTaskAttempts(db, task.id);
  const stopped: Stopped[] = [];
  for (const attempt of attempts) stopped.push(await stopAttempt(cancelling, task, attempt));
  const isBilled = stopped.some(({ billed }) => billed);
  await inTransaction(db, async (tx) => {
    await lockUser(tx, task.user_id);
    const locked = await lockOurTask(tx, lease);
    const now = clock.now();
    if (!(await moveTask(tx, { taskId: task.id, to: 'cancelled', now }))) return;
    for (const { attemptId, costMicroYuan } of stopped)
      if (costMicroYuan !== undefined) await endAttempt(tx, attemptId, { ...CANCELLED, costMicroYuan }, now);
    await abandonOpenWork(tx, task.id, now);
    if (isBilled) await settleCharge(tx, { chargeId: task.charge_id, now });
    else await refundTask(tx, task, { cause: 'task_cancelled', now });
    await countTask(tx, locked);
  });
}

type Stopped = { attemptId: string; billed: boolean; costMicroYuan?: number };
const CANCELLED = { status: 'failed', errorClass: 'vendor', errorCode: 'cancelled' } as const;

/** Billed when the vendor says so, and when nobody can say that it is not. Our own engine bills nobody. */
async function stopAttempt(cancelling: Cancelling, task: TaskRow, attempt: TaskAttempt): Promise<Stopped> {
  const attemptId = attempt.id;
  if (attempt.kind === 'builtin') return { attemptId, billed: false };
  if (attempt.settled_cost_micro_yuan !== null) return { attemptId, billed: attempt.settled_cost_micro_yuan > 0 };
  if (attempt.status === 'failed') return { attemptId, billed: attempt.error_class === 'unknown_outcome' };
  if (attempt.status !== 'submitted') return { attemptId, billed: true };
  const provider = await cancelling.providers.get(attempt.provider_ref);
  await cancelling.slots.free(attempt.provider_ref, attempt.id);
  const call = {
    taskId: task.id,
    userId: task.user_id,
    stepIndex: attempt.step_index,
    attemptNo: attempt.attempt_no,
    endpoint: '',
    input: {},
    signal: AbortSignal.timeout(STOP_LIMIT_MS),
  };
  const stopped = await provider?.background
    ?.stop(call, { ...submittedWork(attempt), isLast: true })
    .catch(() => undefined);
  return { attemptId, ...(stopped ?? { billed: true }) };
}
