import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { CallLog } from '../call-log.ts';
import type { SandboxConfig } from '../config.ts';
import type { FaultBoard } from '../faults.ts';
import { repeat } from '../notify.ts';
import { bentBy, redirectCallback, takeInvocationFaults, type Invocation } from './invocation.ts';
import { runFunction, type FunctionRun } from './run-function.ts';
import { createSlots } from './slots.ts';

/** A failed asynchronous invocation is tried again twice, a minute apart. */
const ASYNC_RETRIES = 2;
const RETRY_PAUSE_S = 60;
const MEMORY_MB = 1024;

export const RELAY_PATH = '/scf-relay';

export type Accepted = { ids: Record<string, string>; entry: string; event: unknown; origin: string; action: string };

export type FunctionPlatform = {
  /** Accepts and runs later, with retries. Does not wait. */
  invokeLater(accepted: Accepted): Invocation;
  /** Runs once and waits. */
  invokeNow(accepted: Accepted): Promise<{ invocation: Invocation; run: FunctionRun }>;
  find(requestId: string): Invocation | undefined;
  /** Newest first. */
  list(): Invocation[];
  /** Variables of every function, over the sandbox's own; until a reset. */
  setEnvironment(variables: Record<string, string>): void;
  /** Kills what runs and forgets everything. */
  reset(): void;
  close(): void;
};

type Deps = { config: SandboxConfig; faults: FaultBoard; log: CallLog; now: () => Date };

/** Where functions run: each invocation in its own process, a few at a time. */
export function createFunctionPlatform(deps: Deps): FunctionPlatform {
  const { config, faults, log, now } = deps;
  const slots = createSlots(config.functions.concurrency);
  const stateDirectory = mkdtempSync(path.join(tmpdir(), 'sandbox-functions-'));
  const invocations = new Map<string, Invocation>();
  let stopping = new AbortController();
  let variables: Record<string, string> = {};

  const environmentFor = ({ ids, origin }: Accepted): Record<string, string> => ({
    PATH: config.functions.searchPath,
    TENCENTCLOUD_RUNENV: 'SCF',
    SCF_FUNCTIONNAME: ids['function'] ?? '',
    YS_CALLBACK_KEYS: config.functions.callbackKeys,
    YS_CALLBACK_ORIGINS: origin,
    YS_STORAGE_ORIGINS: origin,
    YS_STATE_DIR: stateDirectory,
    ...variables,
  });

  const accept = (accepted: Accepted, mode: Invocation['mode']): { invocation: Invocation; event: unknown } => {
    const requestId = randomUUID();
    const redirected = redirectCallback(
      accepted.event,
      (callbackPath) => `${accepted.origin}${RELAY_PATH}/${requestId}${callbackPath}`,
    );
    const invocation: Invocation = {
      requestId,
      ids: { ...accepted.ids, requestId },
      mode,
      state: 'waiting',
      runs: 0,
      message: null,
      startedAt: null,
      callbacks: [],
      callbackUrl: redirected.url,
      bent: takeInvocationFaults(faults, { vendor: 'scf', action: accepted.action, ids: accepted.ids }),
    };
    invocations.set(requestId, invocation);
    return { invocation, event: redirected.event };
  };

  const runOnce = (invocation: Invocation, accepted: Accepted, event: unknown): Promise<FunctionRun> =>
    slots(async () => {
      const stopped = stopping.signal;
      invocation.state = 'running';
      invocation.runs += 1;
      invocation.startedAt ??= now();
      const crash = bentBy(invocation, 'function_error');
      const run =
        crash === undefined
          ? await runFunction({
              entry: accepted.entry,
              event,
              context: contextOf(invocation, config.functions.timeoutMs),
              env: environmentFor(accepted),
              signal: AbortSignal.any([stopped, ...killSignal(invocation)]),
            })
          : crashed(crash.message);
      invocation.state = run.result.ok ? 'succeeded' : 'failed';
      invocation.message = run.result.ok ? null : run.result.message;
      if (stopped.aborted) return run;
      const failure = run.result.ok ? {} : { code: 'FunctionError' };
      log.add({ vendor: 'scf', action: 'Run', ids: invocation.ids, status: run.result.ok ? 200 : 430, ...failure });
      return run;
    });

  const runWithRetries = async (invocation: Invocation, accepted: Accepted, event: unknown): Promise<void> => {
    const { signal } = stopping;
    const late = bentBy(invocation, 'start_late');
    if (late !== undefined) await pause(late.ms, undefined, { signal });
    for (let attempt = 0; attempt <= ASYNC_RETRIES && !signal.aborted; attempt += 1) {
      const run = await runOnce(invocation, accepted, event);
      if (run.result.ok || bentBy(invocation, 'killed') !== undefined) return;
      if (attempt < ASYNC_RETRIES) await pause(RETRY_PAUSE_S * 1000 * config.timeScale, undefined, { signal });
    }
  };

  return {
    invokeLater(accepted) {
      const { invocation, event } = accept(accepted, 'Event');
      if (bentBy(invocation, 'never_started') !== undefined) return invocation;
      const how = bentBy(invocation, 'duplicate') ?? { count: 1, parallel: false };
      repeat(how, () => runWithRetries(invocation, accepted, event)).catch(ignoreAborts);
      return invocation;
    },
    async invokeNow(accepted) {
      const { invocation, event } = accept(accepted, 'RequestResponse');
      return { invocation, run: await runOnce(invocation, accepted, event) };
    },
    find: (requestId) => invocations.get(requestId),
    list: () => [...invocations.values()].toReversed(),
    setEnvironment(more) {
      variables = { ...variables, ...more };
    },
    reset() {
      stopping.abort();
      stopping = new AbortController();
      invocations.clear();
      variables = {};
    },
    close() {
      this.reset();
      rmSync(stateDirectory, { recursive: true, force: true });
    },
  };
}

function killSignal(invocation: Invocation): AbortSignal[] {
  const fault = bentBy(invocation, 'killed');
  return fault === undefined ? [] : [AbortSignal.timeout(fault.afterMs)];
}

function crashed(message: string): FunctionRun {
  return { result: { ok: false, message, stack: '' }, log: '', durationMs: 1 };
}

function contextOf({ requestId, ids }: Invocation, timeLimitMs: number) {
  return {
    request_id: requestId,
    function_name: ids['function'] ?? '',
    function_version: '$LATEST',
    namespace: 'default',
    time_limit_in_ms: timeLimitMs,
    memory_limit_in_mb: MEMORY_MB,
  };
}

function ignoreAborts(error: unknown): void {
  if (!(error instanceof Error && error.name === 'AbortError')) throw error;
}
