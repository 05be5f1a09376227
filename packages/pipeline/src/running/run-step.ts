import { isAppError, type ErrorCode, type PipelineStep } from '@yunshang/contracts';
import { inTransaction, type Clock, type Db } from '@yunshang/db';
import {
  INPUT_GONE,
  isSound,
  ProviderFailure,
  type ProviderCall,
  type ProviderRegistry,
  type ProviderResult,
} from '../providers/provider.ts';
import { listEndpoints, recordFailure, recordSuccess, takeProbe, type Endpoint } from '../providers/provider.store.ts';
import type { Storage } from '../storage/storage.ts';
import type { TaskRow } from '../tasks/task.store.ts';
import { endAttempt, listAttempts, startAttempt, type AttemptEnd, type AttemptRow } from './attempt.store.ts';
import { callProvider, type CallOutcome } from './call-provider.ts';
import { chooseCandidate, INTERRUPTED, STORAGE_UNAVAILABLE, type Choice } from './choose-candidate.ts';
import { LeaseLost, lockOurTask, type Lease } from './lease.ts';
import { resolveOutput } from './mapping.ts';
import type { ProviderSlots } from './provider-slots.ts';
import { storeFiles } from './store-files.ts';

export type StepRun = {
  db: Db;
  clock: Clock;
  storage: Storage;
  providers: ProviderRegistry;
  slots: ProviderSlots;
  task: TaskRow;
  lease: Lease;
  /** Aborts when the task is no longer this run's. */
  lost: AbortSignal;
  step: PipelineStep;
  stepIndex: number;
  /** The resolved inputMapping. */
  input: Readonly<Record<string, unknown>>;
  /** Told once a provider has delivered and the result is about to be stored. */
  onDelivered: () => Promise<void>;
};

export type StepOutcome =
  | { kind: 'succeeded'; attemptId: string; output: Record<string, unknown> }
  | { kind: 'failed'; code: ErrorCode }
  /** Nothing can be done before `at`. */
  | { kind: 'later'; at: Date };

/** Our storage is asked again after this. */
const STORAGE_PAUSE_MS = 5_000;
/** Asking what became of an attempt is a read. */
const LOOKUP_LIMIT_MS = 20_000;

/**
 * Works on one step until it has a result, cannot have one, or has to wait. Each attempt is committed before its call; one whose
 * outcome is unknown, from this run or an earlier one, is asked about before anybody is called again.
 */
export async function runStep(run: StepRun): Promise<StepOutcome> {
  const { clock, step } = run;
  const ends = Math.min(clock.now().getTime() + step.timeoutSeconds * 1000, run.task.deadline_at.getTime());
  for (;;) {
    if (run.lost.aborted) throw new LeaseLost();
    const now = clock.now();
    if (now.getTime() >= ends) return { kind: 'failed', code: 'TASK_TIMED_OUT' };
    const attempts = await listAttempts(run.db, run.task.id, run.stepIndex);
    const open = attempts.find(({ status }) => status === 'started' || status === 'unknown');
    const outcome =
      open === undefined ? await tryNext(run, attempts, ends) : await askAbout(run, open, ends - now.getTime());
    if (outcome !== 'go on') return outcome;
  }
}

async function tryNext(run: StepRun, attempts: readonly AttemptRow[], ends: number): Promise<StepOutcome | 'go on'> {
  const choice = await choose(run, attempts);
  if (choice === 'taken') return 'go on';
  if (choice.kind === 'wait') return { kind: 'later', at: choice.until };
  if (choice.kind === 'none') return { kind: 'failed', code: choice.code };
  const release = run.slots.take(choice.endpoint);
  try {
    return await callEndpoint(run, choice.endpoint, { attemptNo: attempts.length + 1, ends });
  } finally {
    release();
  }
}

async function choose(run: StepRun, attempts: readonly AttemptRow[]): Promise<Choice | 'taken'> {
  const { db, clock, step, providers, slots } = run;
  const known = await listEndpoints(db, step.providerCandidates);
  const endpoints = step.providerCandidates.flatMap((ref) => {
    const endpoint = known.get(ref);
    return endpoint === undefined || providers.get(ref) === undefined ? [] : [endpoint];
  });
  const isFull = (endpoint: Endpoint): boolean => slots.isFull(endpoint);
  const choice = chooseCandidate({ endpoints, attempts, retry: step.retry, isFull, now: clock.now() });
  if (choice.kind !== 'call' || !choice.halfOpen) return choice;
  return (await takeProbe(db, choice.endpoint.ref, clock.now())) ? choice : 'taken';
}

async function callEndpoint(
  run: StepRun,
  endpoint: Endpoint,
  at: { attemptNo: number; ends: number },
): Promise<StepOutcome | 'go on'> {
  const { db, clock, providers } = run;
  const provider = providers.get(endpoint.ref);
  if (provider === undefined) return { kind: 'failed', code: 'PROVIDER_FAILED' };
  const call = callOf(run, at.attemptNo);
  const attemptId = await startAttempt(db, run.lease, {
    stepIndex: run.stepIndex,
    step: run.step,
    attemptNo: at.attemptNo,
    providerRef: endpoint.ref,
    vendorRef: provider.vendorRef?.(call) ?? null,
    costMicroYuan: endpoint.unitCostMicroYuan,
    now: clock.now(),
  });
  const began = clock.now().getTime();
  const limitMs = Math.min(endpoint.timeoutSeconds * 1000, at.ends - began);
  const outcome = await callProvider((c) => provider.run(c), call, { limitMs, lost: run.lost });
  await recordHealth(run, endpoint.ref, { outcome, latencyMs: clock.now().getTime() - began });
  const lookedUp = provider.lookup !== undefined;
  return conclude(run, { id: attemptId, attemptNo: at.attemptNo, unknownIsOpen: true, lookedUp }, outcome);
}

/** What became of an attempt that nobody has the answer of. */
async function askAbout(run: StepRun, open: AttemptRow, leftMs: number): Promise<StepOutcome | 'go on'> {
  const provider = run.providers.get(open.provider_ref);
  const lookup = provider?.lookup?.bind(provider);
  const outcome = await callProvider(async (call) => lookup?.(call), callOf(run, open.attempt_no), {
    limitMs: Math.min(LOOKUP_LIMIT_MS, leftMs),
    lost: run.lost,
  });
  const concluded = { id: open.id, attemptNo: open.attempt_no, unknownIsOpen: false, lookedUp: true };
  if (outcome.kind === 'result' && outcome.result === undefined) {
    // Found `started` by a later run: its worker died. Found `unknown`: the call was waited for in vain.
    const code = open.status === 'started' ? INTERRUPTED : (open.error_code ?? 'no_answer');
    await writeEnd(run, open.id, { status: 'failed', errorClass: 'unknown_outcome', errorCode: code });
    return 'go on';
  }
  return conclude(run, concluded, isAnswered(outcome) ? outcome : { kind: 'lost' });
}

type Answered<T> = Exclude<CallOutcome, { kind: 'result' }> | { kind: 'result'; result: T };

function isAnswered(outcome: Answered<ProviderResult | undefined>): outcome is CallOutcome {
  return outcome.kind !== 'result' || outcome.result !== undefined;
}

type Called = {
  id: string;
  attemptNo: number;
  /** A lost answer leaves the attempt open, to be asked about; not when the asking itself was lost. */
  unknownIsOpen: boolean;
  /** The provider can be asked about it, so our own trouble leaves it open too. */
  lookedUp: boolean;
};

async function conclude(run: StepRun, called: Called, outcome: CallOutcome): Promise<StepOutcome | 'go on'> {
  if (outcome.kind === 'lost') throw new LeaseLost();
  if (outcome.kind === 'storage_unavailable') return storageAway(run, called);
  if (outcome.kind === 'failure') return failed(run, called, outcome.failure);
  await run.onDelivered();
  const { task, stepIndex, step } = run;
  const of = { userId: task.user_id, taskId: task.id, stepIndex, attemptNo: called.attemptNo };
  const files = await storeFiles(run.storage, of, outcome.result.files).catch((error: unknown) => {
    if (isAppError(error, 'STORAGE_UNAVAILABLE')) return undefined;
    throw error;
  });
  if (files === undefined) return storageAway(run, called);
  const { output, missing } = resolveOutput(step.outputMapping, { ...outcome.result.output, ...files });
  if (missing.length > 0) return failed(run, called, new ProviderFailure('vendor', 'output_missing'));
  return { kind: 'succeeded', attemptId: called.id, output };
}

async function failed(run: StepRun, called: Called, failure: ProviderFailure): Promise<StepOutcome | 'go on'> {
  const { errorClass, code: errorCode } = failure;
  const status = errorClass === 'unknown_outcome' && called.unknownIsOpen ? 'unknown' : 'failed';
  await writeEnd(run, called.id, { status, errorClass, errorCode });
  if (errorClass !== 'member_input') return 'go on';
  return { kind: 'failed', code: errorCode === INPUT_GONE ? 'INPUT_GONE' : 'PROVIDER_FAILED' };
}

/** Nobody's fault who was called: the step waits until our storage is back. */
async function storageAway(run: StepRun, called: Called): Promise<StepOutcome> {
  if (!called.lookedUp)
    await writeEnd(run, called.id, { status: 'failed', errorClass: 'vendor', errorCode: STORAGE_UNAVAILABLE });
  return { kind: 'later', at: new Date(run.clock.now().getTime() + STORAGE_PAUSE_MS) };
}

function writeEnd(run: StepRun, attemptId: string, end: AttemptEnd): Promise<void> {
  return inTransaction(run.db, async (tx) => {
    await lockOurTask(tx, run.lease);
    await endAttempt(tx, attemptId, end, run.clock.now());
  });
}

function callOf(run: StepRun, attemptNo: number): Omit<ProviderCall, 'signal'> {
  const { task, stepIndex, step, input } = run;
  const endpoint = step.type === 'scf' ? step.scfFunction : step.endpoint;
  return { taskId: task.id, userId: task.user_id, stepIndex, attemptNo, endpoint, input };
}

/** A picture that can not be cut out, or is gone, says nothing about who looked at it. */
async function recordHealth(
  run: StepRun,
  ref: string,
  seen: { outcome: CallOutcome; latencyMs: number },
): Promise<void> {
  const { outcome } = seen;
  const now = run.clock.now();
  if (outcome.kind === 'lost' || outcome.kind === 'storage_unavailable') return;
  if (outcome.kind === 'result' || isSound(outcome.failure))
    await recordSuccess(run.db, ref, { latencyMs: seen.latencyMs, now });
  else await recordFailure(run.db, ref, now);
}
