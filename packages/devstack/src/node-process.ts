import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { repositoryRoot, sourceCondition } from './config.ts';
import { spawnGuarded, tailOf, type GuardedProcess } from './guarded-process.ts';
import { until } from './poll.ts';

export type NodeProcessOptions = {
  /** For messages and the name of the log. */
  name: string;
  /** Path of the TypeScript or JavaScript entry, relative to the repository. */
  main: string;
  args?: readonly string[];
  env?: Readonly<Record<string, string>>;
  /** Folder for the log. */
  folder: string;
  /** The variable that tells the process its port. Once it has one, it keeps it over restarts. */
  portVariable?: string;
  /** The port to tell; without it the process takes a free one. */
  port?: number;
  readyWithinMs?: number;
};

/** A Node process of this repository that says `{"ready":true,"port":N}` on a line of its output when it can work. */
export type NodeProcess = {
  readonly name: string;
  readonly pid: number;
  /** Undefined when the process listens on none. */
  readonly port: number | undefined;
  /** `http://127.0.0.1:port`, or an empty string without a port. */
  readonly url: string;
  readonly logFile: string;
  isRunning(): boolean;
  kill(signal?: NodeJS.Signals): void;
  /** Resolves with the exit code of the process that runs now. */
  exited(): Promise<number>;
  /** Ends what still runs and starts again, on the same port; resolves when it is ready. */
  restart(): Promise<void>;
  stop(): Promise<void>;
};

/** Starts the process under a guard and waits until it says that it is ready. */
export async function startProcess(options: NodeProcessOptions): Promise<NodeProcess> {
  const logFile = join(options.folder, `${options.name}.log`);
  let current = await launch(options, logFile, options.port);
  return {
    name: options.name,
    logFile,
    get pid() {
      return current.process.pid;
    },
    get port() {
      return current.port;
    },
    get url() {
      return current.port === undefined ? '' : `http://127.0.0.1:${current.port}`;
    },
    isRunning: () => current.process.isRunning(),
    kill: (signal) => current.process.kill(signal),
    exited: () => current.process.exited(),
    restart: async () => {
      await current.process.stop();
      current = await launch(options, logFile, current.port);
    },
    stop: () => current.process.stop(),
  };
}

type Launched = { process: GuardedProcess; port: number | undefined };

async function launch(options: NodeProcessOptions, logFile: string, port: number | undefined): Promise<Launched> {
  const from = readLog(logFile).length;
  const child = await spawnGuarded({
    command: process.execPath,
    args: [`--conditions=${sourceCondition}`, join(repositoryRoot, options.main), ...(options.args ?? [])],
    env: { ...options.env, ...portEnvironment(options.portVariable, port) },
    cwd: repositoryRoot,
    logFile,
  });
  try {
    const ready = await until(() => readyLine(options.name, child, from), {
      timeoutMs: options.readyWithinMs ?? 30_000,
      what: `${options.name} to be ready`,
    });
    return { process: child, port: ready.port };
  } catch (error) {
    await child.stop();
    throw new Error(`${options.name} did not start. Its log (${logFile}) ends:\n${tailOf(logFile)}`, { cause: error });
  }
}

function portEnvironment(variable: string | undefined, port: number | undefined): Record<string, string> {
  if (variable === undefined) return {};
  return { [variable]: String(port ?? 0) };
}

function readyLine(name: string, child: GuardedProcess, from: number): { port: number | undefined } | undefined {
  for (const line of readLog(child.logFile).slice(from).split('\n').slice(0, -1)) {
    const ready = parseReady(line);
    if (ready) return ready;
  }
  if (!child.isRunning()) throw new Error(`${name} ended before it was ready`);
  return undefined;
}

function parseReady(line: string): { port: number | undefined } | undefined {
  if (!line.startsWith('{') || !line.includes('"ready":true')) return undefined;
  try {
    const value: unknown = JSON.parse(line);
    if (!value || typeof value !== 'object' || !('ready' in value) || value.ready !== true) return undefined;
    return { port: 'port' in value && typeof value.port === 'number' ? value.port : undefined };
  } catch {
    return undefined;
  }
}

function readLog(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
