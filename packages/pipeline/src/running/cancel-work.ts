import { lockUser, refundCharge, settleCharge } from '@yunshang/billing';
import { inTransaction, type Clock, type Db } from '@yunshang/db';
import type { ProviderRegistry } from '../providers/provider.ts';
import { markRefunded, moveTask, type TaskRow } from '../tasks/task.store.ts';
import { abandonOpenWork, listTaskAttempts, type TaskAttempt } from './attempt.store.ts';
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
  let isBilled = false;
  for (const attempt of attempts) {
    const stopped = await stopAttempt(cancelling, task, attempt);
    isBilled ||= stopped;
  }
  await inTransaction(db, async (tx) => {
    await lockUser(tx, task.user_id);
    await lockOurTask(tx, lease);
    const now = clock.now();
    if (!(await moveTask(tx, { taskId: task.id, to: 'cancelled', now }))) return;
    await abandonOpenWork(tx, task.id, now);
    if (isBilled) {
      await settleCharge(tx, { chargeId: task.charge_id, now });
      return;
    }
    await refundCharge(tx, { userId: task.user_id, chargeId: task.charge_id, cause: 'task_cancelled', now });
    await markRefunded(tx, task.id);
  });
}

/** True when the vendor bills it, or nobody can say that it does not. Our own engine bills nobody. */
async function stopAttempt(cancelling: Cancelling, task: TaskRow, attempt: TaskAttempt): Promise<boolean> {
  if (attempt.kind === 'builtin') return false;
  if (attempt.settled_cost_micro_yuan !== null) return attempt.settled_cost_micro_yuan > 0;
  if (attempt.status === 'failed') return attempt.error_class === 'unknown_outcome';
  if (attempt.status !== 'submitted') return true;
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
  return stopped?.billed ?? true;
}
