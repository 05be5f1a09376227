import { LIMIT_CHECK, type Reservation } from '@yunshang/billing';
import { createHash } from 'node:crypto';
import { AppError, type ErrorDetails, type FieldIssue, type PipelineSchema, type Task } from '@yunshang/contracts';
import { type Database, isCheckViolation, isDuplicate, newId, openLanes, type Send } from '@yunshang/db';
import type { Signals } from '@yunshang/queue';
import { accessRefusal } from '../features/feature-access.ts';
import type { FeatureCatalog, LiveFeature } from '../features/feature.store.ts';
import { checkAssets, inputAssetIds } from '../forms/check-assets.ts';
import { checkForm } from '../forms/check-form.ts';
import { fillDefaults } from '@yunshang/forms';
import { type AdmissionRequest, decideAdmissions, type Decision, type MemberState, type Refusal } from './admission.ts';
import { lockMembers, writeAdmissions } from './admission.store.ts';
import { CONNECTIONS, createGroupCommit, type Waiting } from './group-commit.ts';
import type { Reservations } from './reservations.ts';
import { findCreatedTask, findHandledRequest } from './created-task.store.ts';
import { createdTaskView } from './created-task.ts';

export type CreateTask = {
  readonly userId: string;
  readonly featureId: string;
  /** Answers to the form, by field key. */
  readonly input: Task['input'];
  readonly idempotencyKey: string;
};

export type CreateMany = {
  readonly userId: string;
  readonly featureId: string;
  /** Answers to the form, one task each. */
  readonly inputs: readonly Task['input'][];
  readonly idempotencyKey: string;
  /** When failed tasks are done again: their batch, and the task that each input was of. */
  readonly retry?: { readonly batchId: string; readonly taskIds: readonly string[] };
};

export type TaskIntake = {
  /**
   * Charges for a task and creates it, or throws: FEATURE_NOT_FOUND, FORM_INVALID (every field's issues), PROVIDERS_DOWN,
   * MEMBERSHIP_REQUIRED, PLAN_LEVEL_TOO_LOW, FEATURE_NOT_ALLOWED, FEATURE_RATE_LIMITED, FEATURE_COOLDOWN, QUOTA_INSUFFICIENT,
   * BUDGET_EXCEEDED, IDEMPOTENCY_KEY_REUSED, SERVICE_UNAVAILABLE. The same key with the same request gives the first answer again.
   */
  create(input: CreateTask): Promise<Task>;
  /**
   * Charges for all of the tasks and creates them as one batch, or none: refusals are those of `create`; `details.field` names
   * the first input that can not be (`inputs.3`), issues are of fields such as `inputs.3.photo`. One key for the whole. Throws
   * STATE_CONFLICT when one of the tasks to be retried has been retried already.
   */
  createMany(input: CreateMany): Promise<{ batchId: string }>;
  /** Waits for what is on its way. */
  close(): Promise<void>;
};

export type IntakeDeps = {
  readonly database: Database;
  readonly catalog: FeatureCatalog;
  readonly signals: Pick<Signals, 'nudge'>;
  /** Whether any provider can do the work now; asked before quota is touched. */
  readonly canServe: (pipeline: PipelineSchema) => Promise<boolean>;
  readonly reservations: Reservations;
};

function sortedJson(value: unknown): string {
  return JSON.stringify(value, (_key, each: unknown) =>
    typeof each === 'object' && each !== null && !Array.isArray(each)
      ? Object.fromEntries(Object.entries(each).sort(([a], [b]) => (a < b ? -1 : 1)))
      : each,
  );
}

/** The same for the same request whatever the order of its keys. */
export function requestHash(input: { featureId: string; input: unknown }): Buffer {
  return createHash('sha256')
    .update(sortedJson([input.featureId, input.input]))
    .digest();
}

/** Says that a budget is used up when that was seen a moment ago. */
type Closed = () => ErrorDetails | undefined;

function judgeFor(
  { definition, form }: LiveFeature,
  input: CreateTask['input'],
  closed: Closed,
): (member: MemberState) => Refusal | undefined {
  return (member) => {
    const refusal = accessRefusal(definition, member);
    if (refusal !== undefined)
      return { code: refusal, details: definition.planRequired === null ? {} : { required: definition.planRequired } };
    const issues = checkAssets(form, input, { userId: member.userId, assets: member.assets });
    if (issues.length > 0) return { code: 'FORM_INVALID', details: { issues } };
    const full = closed();
    return full === undefined ? undefined : { code: 'BUDGET_EXCEEDED', details: full };
  };
}

/** Tells batches apart from single tasks, and retries from both, whatever key they come under. */
export function batchHash(wish: Pick<CreateMany, 'featureId' | 'inputs' | 'retry'>): Buffer {
  const asked = wish.retry === undefined ? ['batch', wish.featureId, wish.inputs] : ['retry', wish.retry.batchId];
  return createHash('sha256').update(sortedJson(asked)).digest();
}

type Wish = Pick<AdmissionRequest, 'userId' | 'scope' | 'idempotencyKey' | 'requestHash' | 'batchId'> & {
  featureId: string;
  inputs: readonly { input: Task['input']; retryOf: string | null }[];
};

function oneWish(wish: CreateTask): Wish {
  const { userId, featureId, idempotencyKey, input } = wish;
  const key = { scope: 'tasks.create', idempotencyKey, requestHash: requestHash(wish) } as const;
  return { ...key, userId, featureId, batchId: null, inputs: [{ input, retryOf: null }] };
}

function batchWish(wish: CreateMany): Wish {
  const { userId, featureId, idempotencyKey, retry } = wish;
  const key = { scope: 'batches.create', idempotencyKey, requestHash: batchHash(wish) } as const;
  const inputs = wish.inputs.map((input, index) => ({ input, retryOf: retry?.taskIds[index] ?? null }));
  return { ...key, userId, featureId, batchId: newId(), inputs };
}

function admissionRequest(
  feature: LiveFeature,
  wish: Wish,
  budget: { reservation: Reservation | null; closed: Closed },
): AdmissionRequest {
  const { definition, pipeline } = feature;
  const { userId, scope, idempotencyKey, requestHash: hash, batchId } = wish;
  return {
    userId,
    scope,
    idempotencyKey,
    requestHash: hash,
    batchId,
    featureId: definition.featureId,
    quotaCost: definition.quotaCost,
    limits: definition.rateLimitPolicy,
    formVersion: definition.formVersion,
    pipelineVersion: definition.pipelineVersion,
    maxExecutionSeconds: pipeline.maxExecutionSeconds,
    reservation: budget.reservation,
    tasks: wish.inputs.map(({ input, retryOf }) => ({
      taskId: newId(),
      chargeId: newId(),
      input: fillDefaults(feature.form, input),
      retryOf,
      judge: judgeFor(feature, input, budget.closed),
    })),
  };
}

/** Issues of one input of a batch name its place: `input.photo` becomes `inputs.3.photo`. */
function placed(details: ErrorDetails, index: number): ErrorDetails {
  const field = `inputs.${index}`;
  if (details.issues === undefined) return { ...details, field };
  return { ...details, field, issues: details.issues.map((issue) => placedIssue(issue, field)) };
}

function placedIssue(issue: FieldIssue, field: string): FieldIssue {
  return { ...issue, field: issue.field.replace(/^input(?=\.|$)/, field) };
}

/** One batch: lock, read, decide each member's requests in order, write, commit. */
async function commitBatch(
  send: Send,
  batch: readonly Waiting[],
  skipLocked: boolean,
): Promise<{ decisions: Decision[]; undecided: Waiting[] }> {
  const assetIds = [...new Set(batch.flatMap((waiting) => waiting.assetIds))];
  const { now, members } = await lockMembers(
    send,
    batch.map(({ request }) => request),
    { assetIds, skipLocked },
  );
  const undecided: Waiting[] = [];
  const outcomes: ReturnType<typeof decideAdmissions>[] = [];
  for (const [userId, theirs] of Map.groupBy(batch, ({ request }) => request.userId)) {
    const member = members.get(userId);
    const requests = theirs.map(({ request }) => request);
    if (member !== undefined) outcomes.push(decideAdmissions(member, requests, now));
    else if (skipLocked) undecided.push(...theirs);
    else for (const waiting of theirs) waiting.fail(new AppError('UNAUTHENTICATED'));
  }
  const decisions = outcomes.flatMap((outcome) => outcome.decisions);
  await writeAdmissions(
    send,
    decisions,
    outcomes.map((outcome) => outcome.purse),
    now,
  );
  return { decisions, undecided };
}

/** The one door through which tasks come into being. One per process; it has a small connection pool of its own. */
export function createTaskIntake(deps: IntakeDeps): TaskIntake {
  const lanes = openLanes(deps.database.url, CONNECTIONS);
  const group = createGroupCommit(lanes, commitBatch);
  const { db } = deps.database;

  /** What was answered once is answered again, also when the feature has been switched off since. */
  async function handledBefore(wish: Wish): Promise<string | undefined> {
    const earlier = await findHandledRequest(db, wish);
    if (earlier === undefined) return undefined;
    if (!earlier.requestHash.equals(wish.requestHash)) throw new AppError('IDEMPOTENCY_KEY_REUSED');
    return earlier.resourceId;
  }

  async function refusalBefore(feature: LiveFeature | undefined, wish: Wish): Promise<AppError | undefined> {
    if (feature === undefined) return new AppError('FEATURE_NOT_FOUND');
    const found = wish.inputs.map(({ input }) => checkForm(feature.form, input));
    const index = found.findIndex((issues) => issues.length > 0);
    if (index >= 0 && wish.batchId === null) return new AppError('FORM_INVALID', { issues: found.flat() });
    if (index >= 0) {
      const issues = found.flatMap((list, place) => list.map((issue) => placedIssue(issue, `inputs.${place}`)));
      return new AppError('FORM_INVALID', { field: `inputs.${index}`, issues });
    }
    return (await deps.canServe(feature.pipeline)) ? undefined : new AppError('PROVIDERS_DOWN');
  }

  async function decide(feature: LiveFeature, wish: Wish): Promise<Decision> {
    const { reservations } = deps;
    const reservation = await reservations.of(feature);
    const tasks = wish.inputs.length;
    const closed: Closed = () => (reservation === null ? undefined : reservations.closed(reservation, tasks));
    try {
      return await new Promise<Decision>((settle, fail) => {
        group.submit({
          request: admissionRequest(feature, wish, { reservation, closed }),
          assetIds: wish.inputs.flatMap(({ input }) => inputAssetIds(feature.form, input)),
          settle,
          fail,
        });
      });
    } catch (error) {
      if (reservation === null || !isCheckViolation(error, LIMIT_CHECK)) throw error;
      throw await reservations.refused(reservation, tasks);
    }
  }

  /** Created now, or the id of what the same request created before. Throws every refusal. */
  async function admit(wish: Wish): Promise<Extract<Decision, { kind: 'accepted' }> | { kind: 'again'; id: string }> {
    const feature = await deps.catalog.get(wish.featureId);
    const refusal = await refusalBefore(feature, wish);
    if (refusal !== undefined || feature === undefined) {
      const id = await handledBefore(wish);
      if (id !== undefined) return { kind: 'again', id };
      throw refusal ?? new AppError('FEATURE_NOT_FOUND');
    }
    const decision = await decide(feature, wish);
    if (decision.kind === 'duplicate') return { kind: 'again', id: decision.resourceId };
    if (decision.kind === 'refused') {
      const { code, details } = decision.refusal;
      // A budget refuses the whole, not one of its inputs.
      const isWhole = wish.batchId === null || code === 'BUDGET_EXCEEDED';
      throw new AppError(code, isWhole ? details : placed(details, decision.index));
    }
    deps.signals.nudge();
    return decision;
  }

  return {
    async create(wish) {
      const made = await admit(oneWish(wish));
      if (made.kind === 'again') return findCreatedTask(db, made.id);
      const [task] = made.tasks;
      if (task === undefined) throw new Error('a task was accepted that is not there');
      const { taskId, input } = task.wanted;
      const { featureId, quotaCost } = made.request;
      return createdTaskView({ id: taskId, featureId, quotaCost, input, createdAt: made.at });
    },
    async createMany(wish) {
      const made = await admit(batchWish(wish)).catch((error: unknown) => {
        if (isDuplicate(error, 'uq_tasks_retry')) throw new AppError('STATE_CONFLICT', { reason: 'retried' });
        throw error;
      });
      return { batchId: made.kind === 'again' ? made.id : (made.request.batchId ?? '') };
    },
    async close() {
      await group.idle();
      await lanes.close();
    },
  };
}
