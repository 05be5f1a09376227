import { createPriceBook, type PriceBook } from '@yunshang/billing';
import { MAPPING_ENV, type JobPayload } from '@yunshang/contracts';
import { fromJson, newId, type Clock, type Database } from '@yunshang/db';
import type { JobOutcome, Signals } from '@yunshang/queue';
import { z } from 'zod';
import { createFeatureCatalog, type FeatureCatalog, type FeatureVersion } from '../features/feature.store.ts';
import { createEndpointList, type EndpointList } from '../providers/endpoint-list.ts';
import type { ProviderRegistry } from '../providers/provider.ts';
import type { Storage } from '../storage/storage.ts';
import { CANCELLING, WAITING } from '../tasks/stage.ts';
import type { TaskRow } from '../tasks/task.store.ts';
import { cancelWork } from './cancel-work.ts';
import { plainDelivery, type Delivery } from './delivery.ts';
import { loadInputFiles } from './input-files.store.ts';
import { recordLateCosts } from './late-work.ts';
import { claimTask, keepLease, LeaseLost, releaseLease, type Lease } from './lease.ts';
import { resolveInput } from './mapping.ts';
import { completeStep, failTask, showProgress, showWaiting, succeedTask } from './outcome.store.ts';
import { createProviderSlots, type ProviderSlots } from './provider-slots.ts';
import { runStep } from './run-step.ts';
import type { StepOutcome } from './step-run.ts';
import { expectedOutputsOf, listStepOutputs } from './step.store.ts';
import { sweepTasks, type SweepReport } from './sweep.ts';

export type RunnerDeps = {
  database: Database;
  clock: Clock;
  storage: Storage;
  providers: ProviderRegistry;
  signals: Pick<Signals, 'taskMoved' | 'nudge'>;
  /** Slots shared by all workers; without them each process keeps the limits by itself. */
  slots?: ProviderSlots;
  /** What happens to results before they are stored; nothing unless given. */
  delivery?: Delivery;
  config: {
    /** How long a task stays with a worker that has stopped answering. */
    leaseMs: number;
    /** Names this process; at most 36 characters. */
    owner: string;
    /** Values for `${env.X}`; only names of MAPPING_ENV are read. */
    env?: Readonly<Record<string, string>>;
  };
};

export type Runner = {
  /** Works on the task until it ends or has to wait; harmless for one that has ended or is being worked on. */
  run(payload: JobPayload<'task.run'>): Promise<JobOutcome>;
  /** Ends overdue tasks, promises the job of any open task that has none, and finds out what abandoned work cost. */
  sweep(): Promise<SweepReport & { late: number }>;
};

type Work = RunnerDeps & {
  catalog: FeatureCatalog;
  slots: ProviderSlots;
  prices: PriceBook;
  endpoints: EndpointList;
  delivery: Delivery;
  lease: Lease;
  lost: AbortSignal;
};

/** How long another worker's news of a provider may stay unseen. */
const ENDPOINTS_FRESH_MS = 250;

/** Runs tasks. Any number of runners may share the database: one of them works on a task at a time. */
export function createRunner(deps: RunnerDeps): Runner {
  const { database, clock, signals, config } = deps;
  const catalog = createFeatureCatalog(database.db, clock);
  const slots = deps.slots ?? createProviderSlots();
  const endpoints = createEndpointList(database.db, clock, ENDPOINTS_FRESH_MS);
  const delivery = deps.delivery ?? plainDelivery;
  const prices = createPriceBook(database.db, clock);
  return {
    run: async ({ taskId }) => {
      const lease: Lease = { taskId, token: `${config.owner.slice(0, 36)}/${newId()}`, leaseMs: config.leaseMs };
      const claim = await claimTask(database.db, lease, clock.now());
      if (claim.kind === 'ended') return 'done';
      if (claim.kind === 'busy') return { againAt: claim.until };
      if (claim.began) signals.taskMoved(taskId);
      const kept = keepLease(database.db, clock, lease);
      try {
        return await work({ ...deps, catalog, slots, prices, endpoints, delivery, lease, lost: kept.signal }, claim);
      } catch (error) {
        if (error instanceof LeaseLost) return { againAt: new Date(clock.now().getTime() + config.leaseMs) };
        await releaseLease(database.db, lease).catch(() => undefined); // it ends by itself
        throw error;
      } finally {
        kept.stop();
      }
    },
    sweep: async () => {
      const report = await sweepTasks(deps, catalog);
      return { ...report, late: await recordLateCosts({ ...deps, db: database.db }) };
    },
  };
}

type Claimed = { task: TaskRow; began: boolean };

async function work(w: Work, claimed: Claimed): Promise<JobOutcome> {
  const { task } = claimed;
  if (task.stage === CANCELLING) {
    await cancelWork({ ...w, db: w.database.db }, task);
    w.signals.taskMoved(task.id);
    return 'done';
  }
  const version = await w.catalog.version(task.feature_id, task.form_version, task.pipeline_version);
  if (version === undefined) throw new Error(`${task.feature_id} lost the version its task ${task.id} began with`);
  const outcome = await runSteps(w, claimed, version);
  if (outcome.kind === 'later') {
    const now = w.clock.now();
    if (task.stage !== WAITING && (await showWaiting(w.database.db, w.lease, now))) w.signals.taskMoved(task.id);
    await releaseLease(w.database.db, w.lease);
    return { againAt: outcome.at };
  }
  if (outcome.kind === 'failed')
    await failTask(w.database.db, {
      taskId: task.id,
      userId: task.user_id,
      code: outcome.code,
      onFailure: version.pipeline.onFailure,
      now: w.clock.now(),
      lease: w.lease,
    });
  w.signals.taskMoved(task.id);
  return 'done';
}

const inputSchema = z.record(z.string(), z.unknown());
/** Most results are stored sooner; a commit to say so would only be one more to wait for. */
const STORING_TOLD_AFTER_MS = 300;
const WORK_BEGINS = 10;
const WORK_ENDS = 90;

async function runSteps(
  w: Work,
  { task, began }: Claimed,
  { form, pipeline }: FeatureVersion,
): Promise<Exclude<StepOutcome, { kind: 'succeeded' }> | { kind: 'succeeded' }> {
  const { db } = w.database;
  const asked = { form, input: inputSchema.parse(fromJson(task.input)) };
  const inputData = await loadInputFiles(db, task.user_id, asked);
  if (inputData === undefined) return { kind: 'failed', code: 'INPUT_GONE' };
  const stepOutputs = began ? [] : await listStepOutputs(db, task.id);
  const sources = { inputData, stepOutputs, taskId: task.id, userId: task.user_id, env: listedEnv(w.config.env) };
  for (const [stepIndex, step] of pipeline.steps.entries()) {
    if (stepIndex < stepOutputs.length) continue;
    const isLast = stepIndex === pipeline.steps.length - 1;
    const outcome = await runStep({
      ...w,
      db,
      task,
      step,
      stepIndex,
      isLast,
      isNew: began && stepIndex === 0,
      expectedOutputs: isLast ? await expectedOutputs(w, task.feature_id) : 1,
      input: resolveInput(step.inputMapping, sources),
      beginStoring: () => (isLast ? tellOfStoring(w) : { end: async () => undefined }),
    });
    if (outcome.kind !== 'succeeded') return outcome;
    const { kind: _kind, ...made } = outcome;
    const end = { stepIndex, ...made, now: w.clock.now() };
    if (isLast) {
      await succeedTask(db, w.lease, { ...end, userId: task.user_id });
      return { kind: 'succeeded' };
    }
    const percent = WORK_BEGINS + Math.trunc(((WORK_ENDS - WORK_BEGINS) * (stepIndex + 1)) / pipeline.steps.length);
    await completeStep(db, w.lease, { ...end, percent });
    stepOutputs.push(made.output);
  }
  throw new Error(`task ${task.id} has no step left and did not end`);
}

/** Of the feature as it is now; one that is switched off is looked up. */
async function expectedOutputs({ catalog, database }: Work, featureId: string): Promise<number> {
  const live = await catalog.get(featureId);
  return live === undefined ? expectedOutputsOf(database.db, featureId) : (live.definition.expectedOutputs ?? 1);
}

/** Tells the member that results are being stored, unless that is done before anybody could read it. */
function tellOfStoring({ database, lease, clock, signals }: Work): { end: () => Promise<void> } {
  let telling: Promise<void> = Promise.resolve();
  const tell = async (): Promise<void> => {
    await showProgress(database.db, lease, 'finishing', clock.now());
    signals.taskMoved(lease.taskId);
  };
  const timer = setTimeout(() => {
    // Whatever keeps this from being written keeps the task's end from being written too, and is told there.
    telling = tell().catch(() => undefined);
  }, STORING_TOLD_AFTER_MS);
  return {
    end: async () => {
      clearTimeout(timer);
      await telling;
    },
  };
}

function listedEnv(env: Readonly<Record<string, string>> = {}): Record<string, string> {
  return Object.fromEntries(
    MAPPING_ENV.flatMap((name) => {
      const value = env[name];
      return value === undefined ? [] : [[name, value]];
    }),
  );
}
