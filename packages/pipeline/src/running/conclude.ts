import { costOfUnits } from '@yunshang/billing';
import { ERRORS, isAppError, type AppError, type ErrorCode } from '@yunshang/contracts';
import { hourOf, inTransaction, raiseAlert } from '@yunshang/db';
import {
  CONTENT_REFUSED,
  INPUT_GONE,
  INPUT_REFUSED,
  isSound,
  ProviderFailure,
  type ProducedFiles,
  type ProviderResult,
} from '../providers/provider.ts';
import { recordFailure, recordSuccess } from '../providers/provider.store.ts';
import { endAttempt, wasPaid, type AttemptEnd } from './attempt.store.ts';
import type { CallOutcome } from './call-provider.ts';
import { STORAGE_UNAVAILABLE } from './choose-candidate.ts';
import { LeaseLost, lockOurTask } from './lease.ts';
import { resolveOutput } from './mapping.ts';
import { resultsOf } from './outcome.store.ts';
import { laterBy, type Progress, type StepRun } from './step-run.ts';
import { storeFiles } from './store-files.ts';

/** Our storage, or whoever looks at results before they leave, is asked again after this. */
const PAUSE_MS = 5_000;

/** An attempt that somebody was asked about. */
export type Called = {
  id: string;
  attemptNo: number;
  /** A lost answer leaves the attempt open, to be asked about; not when the asking itself was lost. */
  unknownIsOpen: boolean;
  /** The provider can be asked about it again, so our own trouble leaves it open too. */
  lookedUp: boolean;
  costMicroYuan?: number | undefined;
  /** What one unit of the call costs, for a provider that says how many it did. */
  unitMicroYuan?: number | undefined;
};

export async function conclude(run: StepRun, called: Called, outcome: CallOutcome): Promise<Progress> {
  if (outcome.kind === 'lost') throw new LeaseLost();
  if (outcome.kind === 'storage_unavailable') return held(run, called);
  if (outcome.kind === 'failure') return failed(run, called, outcome.failure);
  const broken = whatIsMissing(run, outcome.result);
  if (broken !== undefined)
    return broken === 'all' ? incomplete(run, called, 'output_missing') : incomplete(run, called);
  const storing = run.beginStoring();
  try {
    return await keep(run, called, outcome.result);
  } catch (error) {
    if (isAppError(error) && isOurTrouble(error)) return heldBack(run, called, error.code);
    throw error;
  } finally {
    await storing.end();
  }
}

/** Storage or moderation is away: nobody's fault who was called. */
function isOurTrouble(error: AppError): boolean {
  return ERRORS[error.code].retryable;
}

async function keep(run: StepRun, called: Called, result: ProviderResult): Promise<Progress> {
  const { task, stepIndex, step } = run;
  const prepared = run.isLast
    ? await run.delivery.prepare(
        { taskId: task.id, userId: task.user_id, featureId: task.feature_id, stepIndex, attemptId: called.id },
        result.files,
      )
    : { files: result.files };
  if ('refused' in prepared) {
    await writeEnd(run, called.id, ended(called, new ProviderFailure('vendor', 'output_refused')));
    return { kind: 'failed', code: 'OUTPUT_REFUSED' };
  }
  const of = { userId: task.user_id, taskId: task.id, stepIndex, attemptNo: called.attemptNo };
  const files = await storeFiles(run.storage, of, prepared.files);
  const { output } = resolveOutput(step.outputMapping, { ...result.output, ...files });
  const cost = called.costMicroYuan === undefined ? {} : { costMicroYuan: called.costMicroYuan };
  return { kind: 'succeeded', attemptId: called.id, output, ...cost };
}

/** Before anything is stored: `all` when the mapping finds nothing for a name, `some` when there are too few results. */
function whatIsMissing(run: StepRun, result: ProviderResult): 'all' | 'some' | undefined {
  const { output, missing } = resolveOutput(run.step.outputMapping, { ...result.output, ...marks(result.files) });
  if (missing.length > 0) return 'all';
  if (!run.isLast) return undefined;
  const results = resultsOf(output).length;
  if (results === 0) return 'all';
  return results < run.expectedOutputs ? 'some' : undefined;
}

/** What the mapping would find once the files are stored. */
function marks(files: ProducedFiles): Record<string, unknown> {
  const mark = { file: 'not stored yet' };
  return Object.fromEntries(
    Object.entries(files).map(([name, made]) => [name, Array.isArray(made) ? made.map(() => mark) : mark]),
  );
}

/** Too few results are not asked for again: they were paid for, and the member gets everything back. */
async function incomplete(run: StepRun, called: Called, code?: string): Promise<Progress> {
  if (code !== undefined) return failed(run, called, new ProviderFailure('vendor', code));
  await writeEnd(run, called.id, ended(called, new ProviderFailure('vendor', 'wrong_count')));
  return { kind: 'failed', code: 'INCOMPLETE_RESULT' };
}

export async function failed(run: StepRun, called: Called, failure: ProviderFailure): Promise<Progress> {
  const end = ended(called, failure);
  await writeEnd(run, called.id, end);
  return failure.errorClass === 'member_input' ? { kind: 'failed', code: codeOf(failure) } : 'go on';
}

function codeOf(failure: ProviderFailure): ErrorCode {
  if (failure.code === INPUT_GONE) return 'INPUT_GONE';
  if (failure.code === INPUT_REFUSED) return 'IMAGE_REFUSED';
  return failure.code === CONTENT_REFUSED ? 'CONTENT_REFUSED' : 'PROVIDER_FAILED';
}

function ended(called: Called, failure: ProviderFailure): AttemptEnd {
  const { errorClass, code: errorCode } = failure;
  const status = errorClass === 'unknown_outcome' && called.unknownIsOpen ? 'unknown' : 'failed';
  const costMicroYuan = called.costMicroYuan ?? failure.costMicroYuan ?? costOfUnitsDone(called, failure);
  return { status, errorClass, errorCode, costMicroYuan };
}

function costOfUnitsDone({ unitMicroYuan }: Called, { unitsDone }: ProviderFailure): number | undefined {
  return unitMicroYuan === undefined || unitsDone === undefined ? undefined : costOfUnits(unitMicroYuan, unitsDone);
}

/** The step waits until our own trouble is over. */
async function held(run: StepRun, called: Called): Promise<Progress> {
  if (!called.lookedUp)
    await writeEnd(run, called.id, { status: 'failed', errorClass: 'vendor', errorCode: STORAGE_UNAVAILABLE });
  return laterBy(run, PAUSE_MS);
}

/**
 * The same once the vendor has delivered: what was paid for and can not be asked about would be paid for again and again, so it
 * fails and the member gets everything back.
 */
async function heldBack(run: StepRun, called: Called, code: ErrorCode): Promise<Progress> {
  const progress = await held(run, called);
  if (called.lookedUp || !(await wasPaid(run.db, called.id))) return progress;
  return { kind: 'failed', code };
}

export function writeEnd(run: StepRun, attemptId: string, end: AttemptEnd): Promise<void> {
  return inTransaction(run.db, async (tx) => {
    await lockOurTask(tx, run.lease);
    await endAttempt(tx, attemptId, end, run.clock.now());
  });
}

/** A picture that can not be cut out, or is gone, says nothing about who looked at it. */
export async function recordHealth(
  run: Pick<StepRun, 'db' | 'clock' | 'endpoints'>,
  ref: string,
  seen: { outcome: Pick<CallOutcome, 'kind'> & { failure?: ProviderFailure }; latencyMs: number },
): Promise<void> {
  const { outcome } = seen;
  const now = run.clock.now();
  if (outcome.kind === 'lost' || outcome.kind === 'storage_unavailable') return;
  const { failure } = outcome;
  if (failure === undefined || isSound(failure)) {
    if (failure?.code !== 'busy' && run.endpoints.isNews(ref, now))
      await recordSuccess(run.db, ref, { latencyMs: seen.latencyMs, now });
    return;
  }
  const { wentDown } = await recordFailure(run.db, ref, now);
  run.endpoints.forget();
  const details = { providerRef: ref, errorClass: failure.errorClass, errorCode: failure.code };
  const about = { subject: ref, period: hourOf(now), details };
  if (wentDown) await raiseAlert(run.db, { kind: 'provider_down', ...about }, now);
  if (failure.errorClass === 'our_account') await raiseAlert(run.db, { kind: 'provider_account', ...about }, now);
}
