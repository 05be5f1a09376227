import { newId } from '@yunshang/db';
import type { Provider, ProviderResult } from '../providers/provider.ts';
import { takeProbe, type Endpoint } from '../providers/provider.store.ts';
import { listAttempts, startAttempt, type AttemptRow } from './attempt.store.ts';
import { lookAt, submit } from './background-step.ts';
import { costOfCall } from './call-cost.ts';
import { callProvider, type CallOutcome } from './call-provider.ts';
import { chooseCandidate, INTERRUPTED, type Choice } from './choose-candidate.ts';
import { conclude, recordHealth, writeEnd } from './conclude.ts';
import { LeaseLost } from './lease.ts';
import { callOf, type Progress, type StepOutcome, type StepRun } from './step-run.ts';

/** Asking what became of an attempt is a read. */
const LOOKUP_LIMIT_MS = 20_000;
/** A slot outlives the call it is for by this, so that a slow write does not free it early. */
const SLOT_GRACE_MS = 10_000;

/**
 * Works on one step until it has a result, cannot have one, or has to wait. Each attempt is committed before its call; one whose
 * outcome is unknown, from this run or an earlier one, is asked about before anybody is called again. A step that a vendor works
 * on in the background waits without a worker.
 */
export async function runStep(run: StepRun): Promise<StepOutcome> {
  const { clock } = run;
  let ends: number | undefined;
  let isUntried = run.isNew;
  for (;;) {
    if (run.lost.aborted) throw new LeaseLost();
    const attempts = isUntried ? [] : await listAttempts(run.db, run.task.id, run.stepIndex);
    isUntried = false;
    ends ??= endOf(run, attempts);
    const open = attempts.find(({ status }) => status === 'started' || status === 'unknown' || status === 'submitted');
    const isOver = clock.now().getTime() >= ends;
    let progress: Progress;
    if (open !== undefined && run.step.type !== 'sync_api') progress = await lookAt(run, open, ends);
    else if (isOver) return { kind: 'failed', code: 'TASK_TIMED_OUT' };
    else if (open !== undefined) progress = await askAbout(run, open, ends - clock.now().getTime());
    else progress = await tryNext(run, attempts, ends);
    if (progress !== 'go on') return progress;
  }
}

/** A step that waits has its time from its first attempt on; one that is called, in each run. */
function endOf({ step, task, clock }: StepRun, attempts: readonly AttemptRow[]): number {
  const began = step.type === 'sync_api' ? undefined : attempts[0]?.started_at;
  return Math.min((began ?? clock.now()).getTime() + step.timeoutSeconds * 1000, task.deadline_at.getTime());
}

type Chosen = Choice | { kind: 'chosen'; endpoint: Endpoint; provider: Provider; holder: string };

async function tryNext(run: StepRun, attempts: readonly AttemptRow[], ends: number): Promise<Progress> {
  const choice = await choose(run, attempts, ends);
  if (choice.kind === 'wait') return { kind: 'later', at: choice.until };
  if (choice.kind === 'none') return { kind: 'failed', code: choice.code };
  if (choice.kind === 'call') return 'go on';
  const at = { attemptNo: attempts.length + 1, attemptId: choice.holder, ends };
  if (run.step.type !== 'sync_api') return submit(run, choice, at);
  const keeping = keepSlot(run, choice.endpoint, choice.holder);
  try {
    return await callEndpoint(run, choice, at);
  } finally {
    clearInterval(keeping);
    await run.slots.free(choice.endpoint.ref, choice.holder);
  }
}

/** A called step holds its slot like its task: a worker that has died gives both back soon. */
const slotMs = ({ lease }: StepRun): number => lease.leaseMs * 2;

function keepSlot(run: StepRun, endpoint: Endpoint, holder: string): NodeJS.Timeout {
  const again = (): void => void run.slots.take(endpoint, holder, slotMs(run)).catch(() => false);
  return setInterval(again, run.lease.leaseMs / 2).unref();
}

/** Chooses and takes a slot there. `call` when somebody else took the probe or the slot: look again. */
async function choose(run: StepRun, attempts: readonly AttemptRow[], ends: number): Promise<Chosen> {
  const { db, clock, step, task } = run;
  const candidates = await candidatesOf(run);
  const full = new Set<string>();
  const holder = newId();
  for (;;) {
    const now = clock.now();
    const choice = chooseCandidate({
      endpoints: candidates.map(({ endpoint }) => endpoint),
      attempts,
      retry: step.retry,
      isFull: ({ ref }) => full.has(ref),
      waitedMs: now.getTime() - (attempts.at(-1)?.finished_at ?? task.started_at ?? now).getTime(),
      seed: seedOf(task.id) + run.stepIndex,
      now,
    });
    if (choice.kind !== 'call') return choice;
    const { endpoint } = choice;
    const provider = candidates.find((candidate) => candidate.endpoint === endpoint)?.provider;
    if (provider === undefined) return choice;
    const heldMs = step.type === 'sync_api' ? slotMs(run) : ends - now.getTime() + SLOT_GRACE_MS;
    if (!(await run.slots.take(endpoint, holder, heldMs))) full.add(endpoint.ref);
    else if (!choice.halfOpen || (await takeProbe(db, endpoint.ref, now).finally(() => run.endpoints.forget())))
      return { kind: 'chosen', endpoint, provider, holder };
    else {
      await run.slots.free(endpoint.ref, holder);
      return choice;
    }
  }
}

/** Those that are switched on and can do this type of step, in the order written. */
async function candidatesOf(run: StepRun): Promise<{ endpoint: Endpoint; provider: Provider }[]> {
  const { step, providers } = run;
  const known = await run.endpoints.all();
  const candidates: { endpoint: Endpoint; provider: Provider }[] = [];
  for (const ref of step.providerCandidates) {
    const endpoint = known.get(ref);
    const provider = endpoint === undefined ? undefined : await providers.get(ref);
    const isAble = step.type === 'sync_api' ? provider?.run !== undefined : provider?.background !== undefined;
    if (endpoint !== undefined && provider !== undefined && isAble) candidates.push({ endpoint, provider });
  }
  return candidates;
}

/** From the random end of the id. */
function seedOf(taskId: string): number {
  return Number.parseInt(taskId.slice(-6), 32) || 0;
}

async function callEndpoint(
  run: StepRun,
  { endpoint, provider }: { endpoint: Endpoint; provider: Provider },
  at: { attemptNo: number; attemptId: string; ends: number },
): Promise<Progress> {
  const { clock } = run;
  const call = callOf(run, at.attemptNo);
  const now = clock.now();
  const cost = await costOfCall(run, { endpoint, units: provider.units?.(call) ?? 1, now });
  await startAttempt(run.db, run.lease, {
    id: at.attemptId,
    stepIndex: run.stepIndex,
    step: run.step,
    attemptNo: at.attemptNo,
    providerRef: endpoint.ref,
    vendorRef: provider.vendorRef?.(call) ?? null,
    cost,
    hintHash: null,
    now,
  });
  const began = clock.now().getTime();
  const limitMs = Math.min(endpoint.timeoutSeconds * 1000, at.ends - began);
  const work = async (c: Parameters<NonNullable<Provider['run']>>[0]): Promise<ProviderResult> => {
    if (provider.run === undefined) throw new Error(`${endpoint.ref} does not answer at once`);
    return provider.run(c);
  };
  const outcome = await callProvider(work, call, { limitMs, lost: run.lost });
  await recordHealth(run, endpoint.ref, { outcome, latencyMs: clock.now().getTime() - began });
  const lookedUp = provider.lookup !== undefined;
  const { unitMicroYuan } = cost;
  const called = { id: at.attemptId, attemptNo: at.attemptNo, unknownIsOpen: true, lookedUp, unitMicroYuan };
  return conclude(run, called, outcome);
}

/** What became of an attempt that nobody has the answer of. */
async function askAbout(run: StepRun, open: AttemptRow, leftMs: number): Promise<Progress> {
  const provider = await run.providers.get(open.provider_ref);
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
