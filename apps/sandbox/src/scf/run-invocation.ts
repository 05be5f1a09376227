import { setTimeout as pause } from 'node:timers/promises';
import type { CallLog } from '../call-log.ts';
import type { SandboxConfig } from '../config.ts';
import { bentBy, type Invocation } from './invocation.ts';
import { runFunction, type FunctionContext, type FunctionRun } from './run-function.ts';
import { createSlots } from './slots.ts';

/** A failed asynchronous invocation is tried again twice, a minute apart. */
const ASYNC_RETRIES = 2;
const RETRY_PAUSE_S = 60;
const MEMORY_MB = 1024;

/** One run of a function: which file, with which event and variables, until the signal stops it. */
export type Work = { entry: string; event: unknown; env: Record<string, string>; signal: AbortSignal };

export type InvocationRunner = {
  /** Waits for a free slot, runs and logs; a run that was stopped leaves no trace. */
  once(invocation: Invocation, work: Work): Promise<FunctionRun>;
  /** The same, and again while it fails; what a fault killed stays dead. */
  withRetries(invocation: Invocation, work: Work): Promise<void>;
};

type Deps = { config: SandboxConfig; log: CallLog; now: () => Date };

export function createInvocationRunner({ config, log, now }: Deps): InvocationRunner {
  const slots = createSlots(config.functions.concurrency);

  const once = (invocation: Invocation, work: Work): Promise<FunctionRun> =>
    slots(async () => {
      invocation.state = 'running';
      invocation.runs += 1;
      invocation.startedAt ??= now();
      const run = await runBent(invocation, work, config.functions.timeoutMs);
      const { result } = run;
      invocation.state = result.ok ? 'succeeded' : 'failed';
      invocation.message = result.ok ? null : result.message;
      if (work.signal.aborted) return run;
      const outcome = result.ok ? { status: 200 } : { status: 430, code: 'FunctionError' };
      log.add({ vendor: 'scf', action: 'Run', ids: invocation.ids, ...outcome });
      return run;
    });

  return {
    once,
    async withRetries(invocation, work) {
      const { signal } = work;
      const late = bentBy(invocation, 'start_late');
      if (late !== undefined) await pause(late.ms, undefined, { signal });
      for (let attempt = 0; attempt <= ASYNC_RETRIES && !signal.aborted; attempt += 1) {
        const { result } = await once(invocation, work);
        if (result.ok || bentBy(invocation, 'killed') !== undefined) return;
        if (attempt < ASYNC_RETRIES) await pause(RETRY_PAUSE_S * 1000 * config.timeScale, undefined, { signal });
      }
    },
  };
}

async function runBent(invocation: Invocation, work: Work, timeLimitMs: number): Promise<FunctionRun> {
  const crash = bentBy(invocation, 'function_error');
  if (crash !== undefined) return { result: { ok: false, message: crash.message, stack: '' }, log: '', durationMs: 1 };
  const killed = bentBy(invocation, 'killed');
  const signal =
    killed === undefined ? work.signal : AbortSignal.any([work.signal, AbortSignal.timeout(killed.afterMs)]);
  return runFunction({ ...work, context: contextOf(invocation, timeLimitMs), signal });
}

function contextOf({ requestId, ids }: Invocation, timeLimitMs: number): FunctionContext {
  return {
    request_id: requestId,
    function_name: ids['function'] ?? '',
    function_version: '$LATEST',
    namespace: 'default',
    time_limit_in_ms: timeLimitMs,
    memory_limit_in_mb: MEMORY_MB,
  };
}
