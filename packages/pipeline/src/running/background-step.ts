import type { PipelineStep } from '@yunshang/contracts';
import { fromJson } from '@yunshang/db';
import { createHash, randomBytes } from 'node:crypto';
import {
  ProviderFailure,
  type BackgroundWork,
  type Provider,
  type ProviderCall,
  type SubmittedWork,
  type WorkState,
} from '../providers/provider.ts';
import type { Endpoint } from '../providers/provider.store.ts';
import { countPoll, recordSubmission, startAttempt, type AttemptRow } from './attempt.store.ts';
import { costOfCall } from './call-cost.ts';
import { callProvider, type CallOutcome } from './call-provider.ts';
import { INTERRUPTED } from './choose-candidate.ts';
import { conclude, failed, recordHealth, writeEnd, type Called } from './conclude.ts';
import { LeaseLost } from './lease.ts';
import { callOf, laterBy, type Progress, type StepRun } from './step-run.ts';

/** Handing work over and asking about it are short calls, whatever the work takes. */
const SUBMIT_LIMIT_MS = 60_000;
const CHECK_LIMIT_MS = 30_000;
/** Results are copied within this, and within the time that the step has in all. */
const COLLECT_LIMIT_MS = 120_000;
const STOP_LIMIT_MS = 10_000;
/** Without a polling rule the work calls back; it is looked at all the same, ever more rarely, since a call may be lost. */
const FIRST_LOOK_MS = 2_000;
const RAREST_LOOK_MS = 30_000;
/** The vendor is asked this often what became of a submission it never answered; a hint makes it sooner. */
const SEEK_MS = 15_000;

type Submission = { attemptNo: number; attemptId: string; ends: number };

/** Commits the attempt, hands the work over, stores the vendor's name for it, and waits. */
export async function submit(
  run: StepRun,
  { endpoint, provider }: { endpoint: Endpoint; provider: Provider },
  at: Submission,
): Promise<Progress> {
  const { db, clock } = run;
  const hintToken = randomBytes(32).toString('base64url');
  const now = clock.now();
  await startAttempt(db, run.lease, {
    id: at.attemptId,
    stepIndex: run.stepIndex,
    step: run.step,
    attemptNo: at.attemptNo,
    providerRef: endpoint.ref,
    vendorRef: null,
    cost: await costOfCall(run, { endpoint, units: 1, now }),
    hintHash: hintHashOf(hintToken),
    now,
  });
  const began = clock.now().getTime();
  const limitMs = Math.min(endpoint.timeoutSeconds * 1000, SUBMIT_LIMIT_MS, at.ends - began);
  const handOver = async (call: ProviderCall): Promise<undefined> => {
    const { vendorRef } = await workOf(provider).submit({ ...call, attemptId: at.attemptId, hintToken });
    // A fact about the vendor, whoever has the task by now.
    if (!(await recordSubmission(db, at.attemptId, vendorRef)))
      await stopQuietly(provider, call, at.attemptId, vendorRef);
    return undefined;
  };
  const outcome = await callProvider(handOver, callOf(run, at.attemptNo), { limitMs, lost: run.lost });
  // That work was taken says little; what became of it says all.
  if (outcome.kind === 'failure')
    await recordHealth(run, endpoint.ref, { outcome, latencyMs: clock.now().getTime() - began });
  if (outcome.kind === 'lost') throw new LeaseLost();
  if (outcome.kind === 'result') return laterBy(run, pauseMs(run.step, 0));
  // Open work keeps its slot: the vendor may be at it.
  const isOpen = outcome.kind === 'failure' && outcome.failure.errorClass === 'unknown_outcome';
  if (!isOpen) await run.slots.free(endpoint.ref, at.attemptId);
  return conclude(run, { id: at.attemptId, attemptNo: at.attemptNo, unknownIsOpen: true, lookedUp: false }, outcome);
}

/** SHA-256 of a hint's token, as the attempt keeps it. */
export function hintHashOf(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}

/** One look at work that a vendor has, or may have. */
export async function lookAt(run: StepRun, open: AttemptRow, ends: number): Promise<Progress> {
  const provider = await run.providers.get(open.provider_ref);
  const isOver = run.clock.now().getTime() >= ends;
  if (provider?.background === undefined)
    return isOver ? { kind: 'failed', code: 'TASK_TIMED_OUT' } : laterBy(run, SEEK_MS);
  return open.status === 'submitted'
    ? check(run, { provider, open, isOver, ends })
    : seek(run, { provider, open, isOver, ends });
}

type Look = { provider: Provider; open: AttemptRow; isOver: boolean; ends: number };

/** Nobody knows whether the vendor has it: no one else is asked before it says no or the limit passes. */
async function seek(run: StepRun, look: Look): Promise<Progress> {
  const { provider, open } = look;
  const background = workOf(provider);
  const over = Math.min(look.ends, open.started_at.getTime() + background.unknownMs);
  const isLast = run.clock.now().getTime() >= over;
  if (open.vendor_ref !== null) return adopt(run, open, open.vendor_ref);
  const outcome = await callProvider(
    async (call) => background.find?.(call, { ...submittedWork(open), isLast }),
    callOf(run, open.attempt_no),
    { limitMs: CHECK_LIMIT_MS, lost: run.lost },
  );
  if (outcome.kind === 'lost') throw new LeaseLost();
  if (outcome.kind === 'result' && outcome.result !== undefined) return adopt(run, open, outcome.result.vendorRef);
  // Without our own storage nobody can tell: no new work before it is back.
  if (outcome.kind === 'storage_unavailable' && !look.isOver) return laterBy(run, SEEK_MS);
  if (!isLast) return { kind: 'later', at: new Date(Math.min(over, run.clock.now().getTime() + SEEK_MS)) };
  const errorCode = open.status === 'started' ? INTERRUPTED : (open.error_code ?? 'no_answer');
  await run.slots.free(provider.ref, open.id);
  await writeEnd(run, open.id, { status: 'failed', errorClass: 'unknown_outcome', errorCode });
  return look.isOver ? { kind: 'failed', code: 'TASK_TIMED_OUT' } : 'go on';
}

async function adopt(run: StepRun, open: AttemptRow, vendorRef: string): Promise<Progress> {
  await recordSubmission(run.db, open.id, vendorRef);
  return 'go on';
}

async function check(run: StepRun, look: Look): Promise<Progress> {
  const { provider, open } = look;
  const polling = run.step.type === 'async_api' ? run.step.polling : undefined;
  const isLast = look.isOver || (polling !== undefined && open.polls + 1 >= polling.maxAttempts);
  const work = { ...submittedWork(open), isLast };
  await countPoll(run.db, open.id);
  const outcome = await callProvider((call) => workOf(provider).check(call, work), callOf(run, open.attempt_no), {
    limitMs: CHECK_LIMIT_MS,
    lost: run.lost,
  });
  if (outcome.kind === 'lost') throw new LeaseLost();
  if (outcome.kind === 'failure') await recordHealth(run, provider.ref, { outcome, latencyMs: 0 });
  const state = outcome.kind === 'result' ? outcome.result : undefined;
  const called = calledOf(open, state?.costMicroYuan);
  const failure = state === undefined ? undefined : failureOf(state, polling);
  if (failure !== undefined) {
    await run.slots.free(provider.ref, open.id);
    await recordHealth(run, provider.ref, { outcome: { kind: 'failure', failure }, latencyMs: 0 });
    return failed(run, called, failure);
  }
  if (state?.collect !== undefined && isComplete(state, polling)) return collect(run, look, { ...state, called });
  if (!isLast) return laterBy(run, pauseMs(run.step, open.polls + 1));
  return giveUp(run, look, called);
}

type Polling = Extract<PipelineStep, { type: 'async_api' }>['polling'] | undefined;

function isComplete(state: WorkState, polling: Polling): boolean {
  return polling === undefined || polling.completeStatuses.includes(state.status);
}

function failureOf(state: WorkState, polling: Polling): ProviderFailure | undefined {
  if (state.failure !== undefined) return state.failure;
  return polling?.failedStatuses.includes(state.status) === true
    ? new ProviderFailure('vendor', 'work_failed')
    : undefined;
}

async function collect(run: StepRun, look: Look, state: WorkState & { called: Called }): Promise<Progress> {
  const { provider, open } = look;
  const read = async () => {
    if (state.collect === undefined) throw new ProviderFailure('vendor', 'result_missing');
    return state.collect();
  };
  const outcome: CallOutcome = await callProvider(read, callOf(run, open.attempt_no), {
    limitMs: Math.min(COLLECT_LIMIT_MS, run.step.timeoutSeconds * 1000),
    lost: run.lost,
  });
  await recordHealth(run, provider.ref, { outcome, latencyMs: run.clock.now().getTime() - open.started_at.getTime() });
  const progress = await conclude(run, state.called, lostIsFailure(outcome));
  if (progress === 'go on' || progress.kind !== 'later') await run.slots.free(provider.ref, open.id);
  return progress;
}

/** The work is done and paid for; results that can not be fetched are the vendor's failure, not an unknown outcome. */
function lostIsFailure(outcome: CallOutcome): CallOutcome {
  if (outcome.kind !== 'failure' || outcome.failure.errorClass !== 'unknown_outcome') return outcome;
  return { kind: 'failure', failure: new ProviderFailure('vendor', 'result_unreachable', { cause: outcome.failure }) };
}

/** The work is not waited for any longer: the vendor is asked to stop, and the next may be tried. */
async function giveUp(run: StepRun, { provider, open, isOver }: Look, called: Called): Promise<Progress> {
  const work = { ...submittedWork(open), isLast: true };
  const stopped = await callProvider((call) => workOf(provider).stop(call, work), callOf(run, open.attempt_no), {
    limitMs: STOP_LIMIT_MS,
    lost: run.lost,
  });
  await run.slots.free(provider.ref, open.id);
  const costMicroYuan = called.costMicroYuan ?? (stopped.kind === 'result' ? stopped.result.costMicroYuan : undefined);
  const failure = new ProviderFailure('unknown_outcome', 'waited_in_vain');
  await recordHealth(run, provider.ref, { outcome: { kind: 'failure', failure }, latencyMs: 0 });
  if (isOver) return { kind: 'failed', code: 'TASK_TIMED_OUT' };
  await writeEnd(run, open.id, {
    status: 'failed',
    errorClass: 'unknown_outcome',
    errorCode: failure.code,
    costMicroYuan,
  });
  return 'go on';
}

function calledOf(open: AttemptRow, costMicroYuan: number | undefined): Called {
  return { id: open.id, attemptNo: open.attempt_no, unknownIsOpen: false, lookedUp: true, costMicroYuan };
}

export function submittedWork(open: AttemptRow): Omit<SubmittedWork, 'isLast'> {
  return {
    attemptId: open.id,
    vendorRef: open.vendor_ref,
    result: open.result === null ? null : fromJson(open.result),
  };
}

function pauseMs(step: PipelineStep, polls: number): number {
  if (step.type === 'async_api') return step.polling.intervalSeconds * 1000;
  return Math.min(FIRST_LOOK_MS * 2 ** Math.min(polls, 10), RAREST_LOOK_MS);
}

function workOf(provider: Provider): BackgroundWork {
  if (provider.background === undefined) throw new Error(`${provider.ref} does not work in the background`);
  return provider.background;
}

async function stopQuietly(
  provider: Provider,
  call: ProviderCall,
  attemptId: string,
  vendorRef: string,
): Promise<void> {
  const work = { attemptId, vendorRef, result: null, isLast: true };
  await workOf(provider)
    .stop({ ...call, signal: AbortSignal.timeout(STOP_LIMIT_MS) }, work)
    .catch(() => undefined);
}
