import { tmpdir } from 'node:os';
import type { CallbackKey, CallbackKeys } from '@yunshang/callback';

/** What a function is told by its environment; everything else comes with the event. */
export interface FunctionConfig {
  readonly callbackKeys: CallbackKeys;
  /** Where the callback may go: `https://api.example.com`. */
  readonly callbackOrigins: readonly string[];
  /** Where inputs may come from and results may go: `https://*.cos.ap-shanghai.myqcloud.com`. */
  readonly storageOrigins: readonly string[];
  /** Remembers finished jobs for this instance. */
  readonly stateDirectory: string;
}

export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * - `YS_CALLBACK_KEYS`: `id:secret` or `id:secret,id:secret`; the first signs.
 * - `YS_CALLBACK_ORIGINS`, `YS_STORAGE_ORIGINS`: comma-separated origins; `*.` stands for one or more labels. Plain http only
 *   where an origin says so.
 * - `YS_STATE_DIR`: a folder that may be written to; the temporary folder when absent.
 */
export function readFunctionConfig(environment: Environment = process.env): FunctionConfig {
  return {
    callbackKeys: readKeys(required(environment, 'YS_CALLBACK_KEYS')),
    callbackOrigins: readOrigins(environment, 'YS_CALLBACK_ORIGINS'),
    storageOrigins: readOrigins(environment, 'YS_STORAGE_ORIGINS'),
    stateDirectory: environment.YS_STATE_DIR ?? tmpdir(),
  };
}

function readKeys(value: string): CallbackKeys {
  const [first, second, ...more] = value.split(',').map(readKey);
  if (first === undefined || more.length > 0) throw new Error('YS_CALLBACK_KEYS holds one or two keys');
  return second === undefined ? [first] : [first, second];
}

function readKey(pair: string): CallbackKey {
  const [id, secret] = pair.trim().split(/:(.*)/s);
  if (id === undefined || id === '' || secret === undefined || secret === '') {
    throw new Error('YS_CALLBACK_KEYS is id:secret or id:secret,id:secret');
  }
  return { id, secret };
}

function readOrigins(environment: Environment, name: string): readonly string[] {
  const origins = required(environment, name)
    .split(',')
    .map((origin) => origin.trim().toLowerCase());
  const wrong = origins.find((origin) => !/^https?:\/\/(\*\.)?[a-z\d-]+(\.[a-z\d-]+)*(:\d+)?$/.test(origin));
  if (wrong !== undefined) throw new Error(`${name}: ${wrong} is no origin like https://api.example.com`);
  return origins;
}

function required(environment: Environment, name: string): string {
  const value = environment[name];
  if (value === undefined || value === '') throw new Error(`${name} is not set`);
  return value;
}
