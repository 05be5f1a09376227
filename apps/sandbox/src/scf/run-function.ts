import { fork, type ChildProcess } from 'node:child_process';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

export type FunctionContext = {
  request_id: string;
  function_name: string;
  function_version: string;
  namespace: string;
  time_limit_in_ms: number;
  memory_limit_in_mb: number;
};

export type ToFunction = { entry: string; event: unknown; context: FunctionContext };
export type FromFunction = { ok: true; value: string } | { ok: false; message: string; stack: string };

export type FunctionRun = {
  /** What the handler returned, as JSON, or why there is nothing. */
  result: { ok: true; value: string } | { ok: false; message: string; stack: string };
  /** What it wrote, at most the last 4 KB. */
  log: string;
  durationMs: number;
};

type Running = ToFunction & { env: Record<string, string>; signal: AbortSignal };

const CHILD = fileURLToPath(
  new URL(import.meta.url.endsWith('.ts') ? './function-main.ts' : './function-main.js', import.meta.url),
);
const KEPT_LOG_BYTES = 4 * 1024;

/**
 * Runs a handler in a Node process of its own, with no environment but what is given. It, and whatever
 * it started, is killed at its time limit or when the signal says so.
 */
export async function runFunction({ entry, event, context, env, signal }: Running): Promise<FunctionRun> {
  const begun = performance.now();
  const child = fork(CHILD, {
    cwd: path.dirname(entry),
    detached: true, // a group of its own, so that what it started can be killed with it
    env,
    execArgv: ['--conditions=yunshang-src'],
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  let log = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (chunk: Buffer) => (log = (log + chunk.toString('utf8')).slice(-KEPT_LOG_BYTES)));
  }
  const limit = AbortSignal.timeout(context.time_limit_in_ms);
  const stop = (): void => killGroup(child);
  const stopping = AbortSignal.any([limit, signal]);
  stopping.addEventListener('abort', stop, { once: true });
  const { promise, resolve } = Promise.withResolvers<FunctionRun['result']>();
  child.once('message', (answer: FromFunction) => resolve(answer));
  child.once('error', (error) => resolve({ ok: false, message: error.message, stack: '' }));
  child.once('exit', (code) => resolve({ ok: false, message: whyEnded({ limit, signal, code, context }), stack: '' }));
  if (stopping.aborted) stop();
  else child.send({ entry, event, context } satisfies ToFunction, () => {}); // a child that is gone says so by its exit
  const result = await promise;
  stopping.removeEventListener('abort', stop);
  stop();
  return { result, log, durationMs: Math.ceil(performance.now() - begun) };
}

type Ending = { limit: AbortSignal; signal: AbortSignal; code: number | null; context: FunctionContext };

function whyEnded({ limit, signal, code, context }: Ending): string {
  if (signal.aborted) return 'Runtime exited: signal: killed';
  if (limit.aborted) return `Invoking task timed out after ${context.time_limit_in_ms / 1000} seconds`;
  return `Runtime exited unexpectedly: exit status ${code ?? 'unknown'}`;
}

/** What already ended is no error. */
function killGroup({ pid }: ChildProcess): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
}
