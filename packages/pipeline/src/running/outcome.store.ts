import { countTask } from '../tasks/count-task.ts';
import { refundTask } from '../tasks/refund-task.ts';
import { lockUser, settleCharge } from '@yunshang/billing';
import type { ErrorCode, PipelineSchema } from '@yunshang/contracts';
import { inTransaction, newId, toJson, type Db, type Tx } from '@yunshang/db';
import { isFileRef, type FileRef } from '../providers/provider.ts';
import { CANCELLING, STAGES, WAITING, type Stage } from '../tasks/stage.ts';
import { isTerminal } from '../tasks/task.ts';
import { appendEvent, lockTask, moveTask, type TaskRow } from '../tasks/task.store.ts';
import { abandonOpenWork, endAttempt } from './attempt.store.ts';
import { LeaseLost, lockOurTask, type Lease } from './lease.ts';

export type StepEnd = {
  stepIndex: number;
  attemptId: string;
  output: Readonly<Record<string, unknown>>;
  costMicroYuan?: number;
};

/** A step that is not the last: its attempt and its output, and how far the task is. */
export function completeStep(db: Db, lease: Lease, end: StepEnd & { percent: number; now: Date }): Promise<void> {
  return inTransaction(db, async (tx) => {
    await lockOurTask(tx, lease);
    await writeStep(tx, lease.taskId, end);
    await show(tx, lease.taskId, { stage: 'processing', percent: end.percent, now: end.now });
  });
}

/** Tells the member how far the task is. */
export function showProgress(db: Db, lease: Lease, stage: Stage, now: Date): Promise<void> {
  return inTransaction(db, async (tx) => {
    await lockOurTask(tx, lease);
    await show(tx, lease.taskId, { stage, percent: STAGES[stage].percent, now });
  });
}

/** Tells the member, once, that the task waits; it never goes backwards. False when it was told, or is being cancelled. */
export function showWaiting(db: Db, lease: Lease, now: Date): Promise<boolean> {
  return inTransaction(db, async (tx) => {
    const task = await lockOurTask(tx, lease);
    if (task.stage === WAITING || task.stage === CANCELLING) return false;
    await show(tx, task.id, { stage: WAITING, percent: Math.max(task.percent, STAGES[WAITING].percent), now });
    return true;
  });
}

async function show(tx: Tx, taskId: string, at: { stage: Stage; percent: number; now: Date }): Promise<void> {
  const { stage, percent, now } = at;
  await tx.updateTable('tasks').set({ stage, percent }).where('id', '=', taskId).execute();
  await appendEvent(tx, { taskId, status: 'processing', stage, percent, now });
}

/** The task is done: status, last step, results in the library and the settled charge, or none of them. */
export function succeedTask(db: Db, lease: Lease, end: StepEnd & { userId: string; now: Date }): Promise<void> {
  return inTransaction(db, async (tx) => {
    await lockUser(tx, end.userId);
    const task = await lockOurTask(tx, lease);
    if (!(await moveTask(tx, { taskId: task.id, to: 'succeeded', now: end.now }))) throw new LeaseLost();
    await writeStep(tx, task.id, end);
    await insertResults(tx, task, end);
    await settleCharge(tx, { chargeId: task.charge_id, now: end.now });
    await countTask(tx, task);
  });
}

async function writeStep(tx: Tx, taskId: string, end: StepEnd & { now: Date }): Promise<void> {
  await endAttempt(tx, end.attemptId, { status: 'succeeded', costMicroYuan: end.costMicroYuan }, end.now);
  await tx
    .updateTable('task_steps')
    .set({ status: 'succeeded', output: toJson(end.output), finished_at: end.now })
    .where('task_id', '=', taskId)
    .where('step_index', '=', end.stepIndex)
    .where('status', '=', 'processing')
    .execute();
}

/** Each file of the last step's output, by its name; `name-2` for the second of a list. */
export function resultsOf(output: Readonly<Record<string, unknown>>): { name: string; file: FileRef }[] {
  return Object.entries(output).flatMap(([name, value]) => {
    if (isFileRef(value)) return [{ name, file: value }];
    if (!Array.isArray(value)) return [];
    return value.filter(isFileRef).map((file, i) => ({ name: i === 0 ? name : `${name}-${i + 1}`, file }));
  });
}

async function insertResults(tx: Tx, task: TaskRow, end: StepEnd & { now: Date }): Promise<void> {
  await tx
    .insertInto('assets')
    .values(
      resultsOf(end.output).map(({ name, file }) => ({
        id: newId(),
        user_id: task.user_id,
        kind: 'result' as const,
        status: 'ready' as const,
        object_key: file.file,
        content_type: file.contentType,
        bytes: file.bytes,
        width: file.width,
        height: file.height,
        duration_ms: file.durationMs ?? null,
        sha256: Buffer.from(file.sha256 ?? '', 'hex'),
        label: file.label ?? null,
        unlabelled_key: file.unlabelledFile ?? null,
        task_id: task.id,
        feature_id: task.feature_id,
        output_name: name,
        created_at: end.now,
      })),
    )
    .execute();
}

export type Failure = {
  taskId: string;
  userId: string;
  code: ErrorCode;
  onFailure: PipelineSchema['onFailure'];
  now: Date;
  /** The run that gives up; without one, the task's deadline must have passed. */
  lease?: Lease;
};

/**
 * The task failed: status, open work and the charge, which goes back (or is kept where the pipeline says so), or none of them.
 * False when the task has ended already. Throws LeaseLost when the run's task is somebody else's.
 */
export function failTask(db: Db, failure: Failure): Promise<boolean> {
  const { taskId, userId, now, lease } = failure;
  return inTransaction(db, async (tx) => {
    await lockUser(tx, userId);
    const task = lease === undefined ? await lockTask(tx, taskId) : await lockOurTask(tx, lease);
    if (task === undefined || isTerminal(task.status)) return false;
    if (lease === undefined && task.deadline_at > now) return false;
    return failLockedTask(tx, task, failure);
  });
}

/** failTask for who holds the member's row and the task's and answers for the right to fail it. */
export async function failLockedTask(
  tx: Tx,
  task: TaskRow,
  failure: Pick<Failure, 'code' | 'onFailure' | 'now'>,
): Promise<boolean> {
  const { id: taskId, user_id: userId, charge_id: chargeId } = task;
  const { code, onFailure, now } = failure;
  if (!(await moveTask(tx, { taskId, to: 'failed', failureCode: code, now }))) return false;
  await abandonOpenWork(tx, taskId, now);
  if (onFailure === 'no_refund' || task.eligible_for_refund === 0) {
    await tx.updateTable('tasks').set({ eligible_for_refund: 0 }).where('id', '=', taskId).execute();
    await settleCharge(tx, { chargeId, now });
  } else {
    await refundTask(tx, { id: taskId, user_id: userId, charge_id: chargeId }, { cause: 'task_failed', now });
  }
  await countTask(tx, task);
  return true;
}
