import type { PipelineStep } from '@yunshang/contracts';
import { inTransaction, newId, type Db, type TaskAttemptsTable, type Tx } from '@yunshang/db';
import type { Selectable } from 'kysely';
import type { ErrorClass } from '../providers/provider.ts';
import { lockOurTask, type Lease } from './lease.ts';

export type AttemptRow = Selectable<TaskAttemptsTable>;

/** In order. */
export function listAttempts(db: Db, taskId: string, stepIndex: number): Promise<AttemptRow[]> {
  return db
    .selectFrom('task_attempts')
    .selectAll()
    .where('task_id', '=', taskId)
    .where('step_index', '=', stepIndex)
    .orderBy('attempt_no')
    .execute();
}

export type NewAttempt = {
  stepIndex: number;
  step: Pick<PipelineStep, 'name' | 'type'>;
  attemptNo: number;
  providerRef: string;
  vendorRef: string | null;
  /** What the call costs; written before it, since a call that fails or is lost costs too. */
  costMicroYuan: number;
  now: Date;
};

/** Commits the intent to call a provider: after this nobody calls for the step without asking about this attempt. */
export function startAttempt(db: Db, lease: Lease, attempt: NewAttempt): Promise<string> {
  const id = newId();
  return inTransaction(db, async (tx) => {
    await lockOurTask(tx, lease);
    await tx
      .insertInto('task_steps')
      .ignore()
      .values({
        task_id: lease.taskId,
        step_index: attempt.stepIndex,
        name: attempt.step.name,
        type: attempt.step.type,
        status: 'processing',
        started_at: attempt.now,
      })
      .execute();
    await tx
      .insertInto('task_attempts')
      .values({
        id,
        task_id: lease.taskId,
        step_index: attempt.stepIndex,
        attempt_no: attempt.attemptNo,
        provider_ref: attempt.providerRef,
        status: 'started',
        vendor_ref: attempt.vendorRef,
        cost_micro_yuan: attempt.costMicroYuan,
        started_at: attempt.now,
      })
      .execute();
    return id;
  });
}

export type AttemptEnd =
  | { status: 'succeeded' }
  | { status: 'failed' | 'unknown'; errorClass: ErrorClass; errorCode: string };

/** An attempt that has ended for good keeps its end. */
export async function endAttempt(tx: Tx, attemptId: string, end: AttemptEnd, now: Date): Promise<void> {
  await tx
    .updateTable('task_attempts')
    .set({
      status: end.status,
      finished_at: now,
      ...(end.status === 'succeeded'
        ? { error_class: null, error_code: null }
        : { error_class: end.errorClass, error_code: end.errorCode }),
    })
    .where('id', '=', attemptId)
    .where('status', 'in', ['started', 'unknown'])
    .execute();
}

/** What was still open when the task ended: nobody will ask about it any more. */
export async function abandonOpenWork(tx: Tx, taskId: string, now: Date): Promise<void> {
  await tx
    .updateTable('task_attempts')
    .set({ status: 'unknown', error_class: 'unknown_outcome', error_code: 'abandoned', finished_at: now })
    .where('task_id', '=', taskId)
    .where('status', '=', 'started')
    .execute();
  await tx
    .updateTable('task_steps')
    .set({ status: 'failed', finished_at: now })
    .where('task_id', '=', taskId)
    .where('status', 'in', ['pending', 'processing'])
    .execute();
}
