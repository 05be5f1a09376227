import { spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Socket } from 'node:net';
import { constants } from 'node:os';
import { childEnvironment } from './config.ts';

/** Ends the command, and all it started, when the pipe to us closes: see there. */
const guard = join(import.meta.dirname, '../guard.sh');

export type GuardedProcess = {
  /** Process id of the command itself, not of its guard. */
  readonly pid: number;
  /** Empty when the output is not kept. */
  readonly logFile: string;
  /** Resolves with the exit code (128 + signal when killed); never rejects. */
  exited(): Promise<number>;
  isRunning(): boolean;
  kill(signal?: NodeJS.Signals): void;
  /** TERM, KILL after five seconds; resolves when the process is gone. */
  stop(): Promise<void>;
};

export type GuardedCommand = {
  command: string;
  args: readonly string[];
  env?: Readonly<Record<string, string>>;
  cwd?: string;
  /** Standard output and error are appended to this file; without one they go where ours go. */
  logFile?: string;
};

/** Starts a command that cannot outlive this process. */
export async function spawnGuarded(options: GuardedCommand): Promise<GuardedProcess> {
  const log = options.logFile === undefined ? undefined : openSync(options.logFile, 'a');
  const child = spawn('/bin/sh', [guard, options.command, ...options.args], {
    stdio: ['pipe', log ?? 'inherit', log ?? 'inherit', 'ignore', 'pipe'],
    detached: true,
    env: childEnvironment(options.env),
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
  });
  if (log !== undefined) closeSync(log);
  let running = true;
  const exited = new Promise<number>((resolve) => {
    const ended = (code: number): void => {
      running = false;
      resolve(code);
    };
    child.once('exit', (code, signal) => ended(code ?? 128 + (signal ? constants.signals[signal] : 0)));
    child.once('error', () => ended(127));
  });
  const lifeline = child.stdin;
  lifeline?.on('error', () => {}); // the guard went away first: nothing left to tell
  const pid = await readPid(child.stdio[4]);
  // A script whose work is done may end without stopping what it started: the guard does it then.
  child.unref();
  if (lifeline instanceof Socket) lifeline.unref();
  return {
    pid,
    logFile: options.logFile ?? '',
    exited: () => {
      child.ref();
      return exited;
    },
    isRunning: () => running,
    kill: (signal = 'SIGTERM') => {
      if (running) sendSignal(pid, signal);
    },
    stop: async () => {
      child.ref();
      lifeline?.end();
      await exited;
    },
  };
}

/** The last lines of a log, for an error message that explains itself. */
export function tailOf(logFile: string, lines = 20): string {
  try {
    return readFileSync(logFile, 'utf8').trimEnd().split('\n').slice(-lines).join('\n');
  } catch {
    return '(no log)';
  }
}

async function readPid(stream: unknown): Promise<number> {
  let text = '';
  if (stream instanceof Socket) for await (const chunk of stream) text += String(chunk);
  const pid = Number(text);
  if (!Number.isSafeInteger(pid) || pid <= 0) throw new Error('devstack: /bin/sh could not start the guard');
  return pid;
}

function sendSignal(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
}
