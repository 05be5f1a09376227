import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { CallLog } from '../call-log.ts';
import type { SandboxConfig } from '../config.ts';
import type { FaultBoard } from '../faults.ts';
import { repeat } from '../notify.ts';
import { bentBy, redirectCallback, takeInvocationFaults, type Invocation } from './invocation.ts';
import type { FunctionRun } from './run-function.ts';
import { createInvocationRunner, type Work } from './run-invocation.ts';

export const RELAY_PATH = '/scf-relay';

/** A checked call: what to run, with what, and where the caller reached us. */
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
  /** For good. */
  close(): void;
};

type Deps = { config: SandboxConfig; faults: FaultBoard; log: CallLog; now: () => Date };

/** Where functions run: each run in its own process, a few at a time. */
export function createFunctionPlatform(deps: Deps): FunctionPlatform {
  const runner = createInvocationRunner(deps);
  const stateDirectory = mkdtempSync(path.join(tmpdir(), 'sandbox-functions-'));
  const invocations = new Map<string, Invocation>();
  let stopping = new AbortController();
  let variables: Record<string, string> = {};

  const accept = (accepted: Accepted, mode: Invocation['mode']): { invocation: Invocation; work: Work } => {
    const { invocation, event } = newInvocation(deps.faults, accepted, mode);
    invocations.set(invocation.requestId, invocation);
    const env = { ...environmentOf(deps.config, accepted), YS_STATE_DIR: stateDirectory, ...variables };
    return { invocation, work: { entry: accepted.entry, event, env, signal: stopping.signal } };
  };
  const reset = (): void => {
    stopping.abort();
    stopping = new AbortController();
    invocations.clear();
    variables = {};
  };

  return {
    invokeLater(accepted) {
      const { invocation, work } = accept(accepted, 'Event');
      if (bentBy(invocation, 'never_started') !== undefined) return invocation;
      const how = bentBy(invocation, 'duplicate') ?? { count: 1, parallel: false };
      repeat(how, () => runner.withRetries(invocation, work)).catch(ignoreAborts);
      return invocation;
    },
    async invokeNow(accepted) {
      const { invocation, work } = accept(accepted, 'RequestResponse');
      return { invocation, run: await runner.once(invocation, work) };
    },
    find: (requestId) => invocations.get(requestId),
    list: () => [...invocations.values()].toReversed(),
    setEnvironment(more) {
      variables = { ...variables, ...more };
    },
    reset,
    close() {
      reset();
      rmSync(stateDirectory, { recursive: true, force: true });
    },
  };
}

/** The callback goes through our relay, so that it can be logged and bent. */
function newInvocation(faults: FaultBoard, accepted: Accepted, mode: Invocation['mode']) {
  const requestId = randomUUID();
  const relay = `${accepted.origin}${RELAY_PATH}/${requestId}`;
  const { event, url } = redirectCallback(accepted.event, (callbackPath) => `${relay}${callbackPath}`);
  const invocation: Invocation = {
    requestId,
    ids: { ...accepted.ids, requestId },
    mode,
    state: 'waiting',
    runs: 0,
    message: null,
    startedAt: null,
    callbacks: [],
    callbackUrl: url,
    bent: takeInvocationFaults(faults, { vendor: 'scf', action: accepted.action, ids: accepted.ids }),
  };
  return { invocation, event };
}

/** What a deployed function is configured with: it stores in this sandbox and calls back through it. */
function environmentOf({ functions }: SandboxConfig, { ids, origin }: Accepted): Record<string, string> {
  return {
    PATH: functions.searchPath,
    TENCENTCLOUD_RUNENV: 'SCF',
    SCF_FUNCTIONNAME: ids['function'] ?? '',
    YS_CALLBACK_KEYS: functions.callbackKeys,
    YS_CALLBACK_ORIGINS: origin,
    YS_STORAGE_ORIGINS: origin,
  };
}

function ignoreAborts(error: unknown): void {
  if (!(error instanceof Error && error.name === 'AbortError')) throw error;
}
