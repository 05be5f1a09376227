import { spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { Socket } from 'node:net';
import { constants } from 'node:os';
import { childEnvironment } from './config.ts';

/**
 * The guard: a shell that starts the command, tells its process id on descriptor 4, and holds the read end of a pipe
 * whose only write end is ours. When we end for any reason, kill -9 included, the pipe closes and the command gets TERM,
 * and KILL after five seconds. When the command has ended, what it left in its session gets TERM, or KILL where the
 * command itself needed it. Being a session of its own also keeps Ctrl-C away: we decide who stops first.
 */
const guard = `
exec 3<&0
"$@" 3<&- 4>&- & p=$!
echo $p >&4; exec 4>&-
(read -r _ <&3; kill -TERM $p; n=0; while kill -0 $p && [ $n -lt 50 ]; do sleep 0.1; n=$((n+1)); done; kill -KILL $p) 2>/dev/null &
wait $p; r=$?; trap '' TERM; [ $r = 137 ] && kill -KILL 0; kill -TERM 0; exit $r`;

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
  const child = spawn('/bin/sh', ['-c', guard, 'guard', options.command, ...options.args], {
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
