import { createHash } from 'node:crypto';
import { AppError, type PipelineSchema, type Task } from '@yunshang/contracts';
import { type Database, newId, openLanes, type Send } from '@yunshang/db';
import type { Signals } from '@yunshang/queue';
import { accessRefusal } from '../features/feature-access.ts';
import type { FeatureCatalog, LiveFeature } from '../features/feature.store.ts';
import { checkAssets, inputAssetIds } from '../forms/check-assets.ts';
import { checkForm } from '../forms/check-form.ts';
import { fillDefaults } from '../forms/visible-fields.ts';
import { type AdmissionRequest, decideAdmissions, type Decision, type MemberState, type Refusal } from './admission.ts';
import { lockMembers, writeAdmissions } from './admission.store.ts';
import { CONNECTIONS, createGroupCommit, type Waiting } from './group-commit.ts';
import { findCreatedTask, findHandledRequest } from './created-task.store.ts';
import { createdTaskView } from './created-task.ts';

export type CreateTask = {
  readonly userId: string;
  readonly featureId: string;
  /** Answers to the form, by field key. */
  readonly input: Task['input'];
  readonly idempotencyKey: string;
};

export type TaskIntake = {
  /**
   * Charges for a task and creates it, or throws: FEATURE_NOT_FOUND, FORM_INVALID (every field's issues), PROVIDERS_DOWN,
   * MEMBERSHIP_REQUIRED, PLAN_LEVEL_TOO_LOW, FEATURE_NOT_ALLOWED, FEATURE_RATE_LIMITED, FEATURE_COOLDOWN, QUOTA_INSUFFICIENT,
   * IDEMPOTENCY_KEY_REUSED, SERVICE_UNAVAILABLE. The same key with the same request gives the first answer again.
   */
  create(input: CreateTask): Promise<Task>;
  /** Waits for what is on its way. */
  close(): Promise<void>;
};

export type IntakeDeps = {
  readonly database: Database;
  readonly catalog: FeatureCatalog;
  readonly signals: Pick<Signals, 'nudge'>;
  /** Whether any provider can do the work now; asked before quota is touched. */
  readonly canServe: (pipeline: PipelineSchema) => Promise<boolean>;
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

function judgeFor(
  { definition, form }: LiveFeature,
  input: CreateTask['input'],
): (member: MemberState) => Refusal | undefined {
  return (member) => {
    const refusal = accessRefusal(definition, member);
    if (refusal !== undefined)
      return { code: refusal, details: definition.planRequired === null ? {} : { required: definition.planRequired } };
    const issues = checkAssets(form, input, { userId: member.userId, assets: member.assets });
    return issues.length === 0 ? undefined : { code: 'FORM_INVALID', details: { issues } };
  };
}

function admissionRequest(feature: LiveFeature, wish: CreateTask): AdmissionRequest {
  const { definition, pipeline } = feature;
  return {
    taskId: newId(),
    chargeId: newId(),
    userId: wish.userId,
    idempotencyKey: wish.idempotencyKey,
    requestHash: requestHash(wish),
    featureId: definition.featureId,
    quotaCost: definition.quotaCost,
    limits: definition.rateLimitPolicy,
    formVersion: definition.formVersion,
    pipelineVersion: definition.pipelineVersion,
    maxExecutionSeconds: pipeline.maxExecutionSeconds,
    input: fillDefaults(feature.form, wish.input),
    judge: judgeFor(feature, wish.input),
  };
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

  async function answerAgain(wish: CreateTask): Promise<Task | undefined> {
    const earlier = await findHandledRequest(db, wish.userId, wish.idempotencyKey);
    if (earlier === undefined) return undefined;
    if (!earlier.requestHash.equals(requestHash(wish))) throw new AppError('IDEMPOTENCY_KEY_REUSED');
    return findCreatedTask(db, earlier.taskId);
  }

  async function refusalBefore(feature: LiveFeature | undefined, wish: CreateTask): Promise<AppError | undefined> {
    if (feature === undefined) return new AppError('FEATURE_NOT_FOUND');
    const issues = checkForm(feature.form, wish.input);
    if (issues.length > 0) return new AppError('FORM_INVALID', { issues });
    return (await deps.canServe(feature.pipeline)) ? undefined : new AppError('PROVIDERS_DOWN');
  }

  function decide(feature: LiveFeature, wish: CreateTask): Promise<Decision> {
    return new Promise((settle, fail) => {
      group.submit({
        request: admissionRequest(feature, wish),
        assetIds: inputAssetIds(feature.form, wish.input),
        settle,
        fail,
      });
    });
  }

  return {
    async create(wish) {
      const feature = await deps.catalog.get(wish.featureId);
      const refusal = await refusalBefore(feature, wish);
      if (refusal !== undefined || feature === undefined) {
        // What was answered once is answered again, also when the feature has been switched off since.
        const again = await answerAgain(wish);
        if (again !== undefined) return again;
        throw refusal ?? new AppError('FEATURE_NOT_FOUND');
      }
      const decision = await decide(feature, wish);
      if (decision.kind === 'refused') throw new AppError(decision.refusal.code, decision.refusal.details);
      if (decision.kind === 'duplicate') return findCreatedTask(db, decision.taskId);
      deps.signals.nudge();
      return createdTaskView({ ...decision.request, id: decision.request.taskId, createdAt: decision.at });
    },
    async close() {
      await group.idle();
      await lanes.close();
    },
  };
}
