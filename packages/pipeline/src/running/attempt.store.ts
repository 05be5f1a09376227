import { bookEstimate, countLateCost, settleCost } from '@yunshang/billing';
import type { PipelineStep } from '@yunshang/contracts';
import { inTransaction, type Db, type ProviderEndpointsTable, type TaskAttemptsTable, type Tx } from '@yunshang/db';
import type { Selectable } from 'kysely';
import type { ErrorClass } from '../providers/provider.ts';
import type { CallCost } from './call-cost.ts';
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
  id: string;
  stepIndex: number;
  step: Pick<PipelineStep, 'name' | 'type'>;
  attemptNo: number;
  providerRef: string;
  vendorRef: string | null;
  /** Written before the call, since one that fails or is lost costs too. */
  cost: CallCost;
  /** SHA-256 of the token that a hint about this attempt must carry. */
  hintHash: Buffer | null;
  now: Date;
};

/** Commits the intent to call a provider: after this nobody calls for the step without asking about this attempt. */
export function startAttempt(db: Db, lease: Lease, attempt: NewAttempt): Promise<void> {
  return inTransaction(db, async (tx) => {
    const task = await lockOurTask(tx, lease);
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
        id: attempt.id,
        task_id: lease.taskId,
        step_index: attempt.stepIndex,
        attempt_no: attempt.attemptNo,
        provider_ref: attempt.providerRef,
        status: 'started',
        vendor_ref: attempt.vendorRef,
        cost_micro_yuan: attempt.cost.microYuan,
        hint_token: attempt.hintHash,
        started_at: attempt.now,
      })
      .execute();
    const { item, vendor, microYuan, unitPriceId } = attempt.cost;
    await bookEstimate(tx, {
      subject: costSubject(attempt.id),
      item,
      vendor,
      amountMicroYuan: microYuan,
      unitPriceId,
      providerRef: attempt.providerRef,
      attemptId: attempt.id,
      taskId: task.id,
      featureId: task.feature_id,
      userId: task.user_id,
      occurredAt: attempt.now,
      now: attempt.now,
    });
  });
}

/** What an attempt's costs are booked under. */
export function costSubject(attemptId: string): string {
  return `attempt:${attemptId}`;
}

/** Why an attempt was left alone when its task ended. */
export const ABANDONED = 'abandoned';

/**
 * The vendor took the work under this name. A fact, so it is written whoever has the task now: false when the attempt was
 * abandoned meanwhile, and somebody must ask the vendor to stop.
 */
export async function recordSubmission(db: Db, attemptId: string, vendorRef: string): Promise<boolean> {
  const opened = await db
    .updateTable('task_attempts')
    .set({ status: 'submitted', vendor_ref: vendorRef, error_class: null, error_code: null, finished_at: null })
    .where('id', '=', attemptId)
    .where('status', 'in', ['started', 'unknown'])
    .where((eb) => eb.or([eb('error_code', 'is', null), eb('error_code', '<>', ABANDONED)]))
    .executeTakeFirst();
  if (opened.numUpdatedRows > 0n) return true;
  await db
    .updateTable('task_attempts')
    .set({ vendor_ref: vendorRef })
    .where('id', '=', attemptId)
    .where('vendor_ref', 'is', null)
    .execute();
  return false;
}

/** One more look at the vendor's work. */
export async function countPoll(db: Db, attemptId: string): Promise<void> {
  await db
    .updateTable('task_attempts')
    .set((eb) => ({ polls: eb('polls', '+', 1) }))
    .where('id', '=', attemptId)
    .execute();
}

export type AttemptEnd = { costMicroYuan?: number | undefined } & (
  | { status: 'succeeded' }
  | { status: 'failed' | 'unknown'; errorClass: ErrorClass; errorCode: string }
);

/** An attempt that has ended for good keeps its end, and what it cost. The vendor's figure is booked with it. */
export async function endAttempt(tx: Tx, attemptId: string, end: AttemptEnd, now: Date): Promise<void> {
  const { numUpdatedRows } = await tx
    .updateTable('task_attempts')
    .set({
      status: end.status,
      finished_at: now,
      ...(end.costMicroYuan === undefined ? {} : { settled_cost_micro_yuan: end.costMicroYuan }),
      ...(end.status === 'succeeded'
        ? { error_class: null, error_code: null }
        : { error_class: end.errorClass, error_code: end.errorCode }),
    })
    .where('id', '=', attemptId)
    .where('status', 'in', ['started', 'submitted', 'unknown'])
    .executeTakeFirst();
  if (numUpdatedRows > 0n && end.costMicroYuan !== undefined)
    await settleCost(tx, { subject: costSubject(attemptId), microYuan: end.costMicroYuan, now });
}

/** What was still open when the task ended: nobody waits for it any more; what it cost is found out later. */
export async function abandonOpenWork(tx: Tx, taskId: string, now: Date): Promise<void> {
  await tx
    .updateTable('task_attempts')
    .set({ status: 'unknown', error_class: 'unknown_outcome', error_code: ABANDONED, finished_at: now })
    .where('task_id', '=', taskId)
    .where('status', 'in', ['started', 'submitted', 'unknown'])
    .execute();
  await tx
    .updateTable('task_steps')
    .set({ status: 'failed', finished_at: now })
    .where('task_id', '=', taskId)
    .where('status', 'in', ['pending', 'processing'])
    .execute();
}

/** True when the vendor bills for the attempt. */
export async function wasPaid(db: Db, attemptId: string): Promise<boolean> {
  const row = await db
    .selectFrom('task_attempts')
    .select('cost_micro_yuan')
    .where('id', '=', attemptId)
    .executeTakeFirst();
  return row !== undefined && row.cost_micro_yuan > 0;
}

export type TaskAttempt = AttemptRow & { kind: ProviderEndpointsTable['kind'] };

/** Of all steps, with the kind of who was asked. */
export function listTaskAttempts(db: Db, taskId: string): Promise<TaskAttempt[]> {
  return db
    .selectFrom('task_attempts as a')
    .innerJoin('provider_endpoints as e', 'e.provider_ref', 'a.provider_ref')
    .selectAll('a')
    .select('e.kind')
    .where('a.task_id', '=', taskId)
    .orderBy('a.step_index')
    .orderBy('a.attempt_no')
    .execute();
}

export type AbandonedAttempt = AttemptRow & { user_id: string; feature_id: string; created_at: Date };

const PAGE = 100;

/** Work that vendors have and nobody waits for, whose cost is not known. */
export function listAbandoned(db: Db, since: Date): Promise<AbandonedAttempt[]> {
  return db
    .selectFrom('task_attempts as a')
    .innerJoin('tasks as t', 't.id', 'a.task_id')
    .selectAll('a')
    .select(['t.user_id', 't.feature_id', 't.created_at'])
    .where('a.provider_ref', 'in', (eb) =>
      eb.selectFrom('provider_endpoints').select('provider_ref').where('kind', 'in', ['runninghub', 'scf', 'http']),
    )
    .where('a.started_at', '>', since)
    .where('a.status', '=', 'unknown')
    .where('a.error_code', '=', ABANDONED)
    .where('a.vendor_ref', 'is not', null)
    .where('a.settled_cost_micro_yuan', 'is', null)
    .orderBy('a.polls')
    .limit(PAGE)
    .execute();
}

/** Once, with its books. False when somebody else did it. */
export function settleLate(
  db: Db,
  attempt: AbandonedAttempt,
  late: { code: 'late_success' | 'late_failure'; costMicroYuan: number; now: Date },
): Promise<boolean> {
  return inTransaction(db, async (tx) => {
    const { numUpdatedRows } = await tx
      .updateTable('task_attempts')
      .set({ error_code: late.code, settled_cost_micro_yuan: late.costMicroYuan })
      .where('id', '=', attempt.id)
      .where('status', '=', 'unknown')
      .where('settled_cost_micro_yuan', 'is', null)
      .executeTakeFirst();
    if (numUpdatedRows === 0n) return false;
    await settleCost(tx, { subject: costSubject(attempt.id), microYuan: late.costMicroYuan, now: late.now });
    const differenceMicroYuan = late.costMicroYuan - attempt.cost_micro_yuan;
    await countLateCost(tx, { featureId: attempt.feature_id, createdAt: attempt.created_at, differenceMicroYuan });
    return true;
  });
}
