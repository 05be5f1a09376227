import { CallbackRefused } from './callback-refused.ts';
import { Malformed, readClosedRecord, readInteger, readList, readRecord, readText } from './plain.ts';

/** A file the function wrote to our bucket. The receiver still checks that the key is one it handed out. */
export interface CallbackFile {
  readonly key: string;
  readonly contentType: string;
  readonly bytes: number;
  readonly width?: number;
  readonly height?: number;
  readonly durationMs?: number;
}

export type CallbackOutput = Readonly<Record<string, CallbackFile | readonly CallbackFile[]>>;

/**
 * `code` is for machines: `INPUT_REFUSED` (the member's picture or text can not be used), `DOWNLOAD_FAILED`, `UPLOAD_FAILED`,
 * `TIMED_OUT`, `INVOCATION_MALFORMED`, `RENDER_FAILED`. `message` is for operators and holds no address and no secret.
 */
export interface CallbackError {
  readonly code: string;
  readonly message: string;
}

export interface CallbackUsage {
  /** Time the function worked, in milliseconds. */
  readonly billedMs: number;
}

export type CallbackBody =
  | {
      readonly jobId: string;
      readonly status: 'succeeded';
      readonly output: CallbackOutput;
      readonly usage?: CallbackUsage;
    }
  | {
      readonly jobId: string;
      readonly status: 'failed';
      readonly error: CallbackError;
      readonly usage?: CallbackUsage;
    };

/** Longest body the receiver has to take, in bytes: 64 files of 1.5 KB. */
export const callbackBodyBytesMax = 96 * 1024;

const filesMax = 64;
const bytesMax = 2 * 1024 ** 3;
const namePattern = /^[A-Za-z]\w*$/;
const keyPattern = /^[\w!*'()./-]+$/;
const contentTypePattern = /^[a-z]+\/[a-z\d.+-]+(; charset=utf-8)?$/;

/** The body of a callback whose signature holds. Throws {@link CallbackRefused} with `body_malformed` and the place. */
export function parseCallbackBody(rawBody: string | Uint8Array): CallbackBody {
  try {
    if (rawBody.length > callbackBodyBytesMax) throw new Malformed('body', 'is too long');
    return readBody(parseJson(rawBody));
  } catch (error) {
    if (error instanceof Malformed) throw new CallbackRefused('body_malformed', error.message);
    throw error;
  }
}

function parseJson(rawBody: string | Uint8Array): unknown {
  try {
    return JSON.parse(
      typeof rawBody === 'string' ? rawBody : new TextDecoder('utf-8', { fatal: true }).decode(rawBody),
    );
  } catch {
    throw new Malformed('body', 'is no JSON');
  }
}

function readBody(value: unknown): CallbackBody {
  const body = readClosedRecord(value, 'body', ['jobId', 'status', 'output', 'error', 'usage']);
  const jobId = readText(body.jobId, 'jobId', { max: 128 });
  const usage = body.usage === undefined ? {} : { usage: readUsage(body.usage) };
  if (body.status === 'succeeded') {
    if (body.error !== undefined) throw new Malformed('error', 'belongs to a failed job');
    return { jobId, status: 'succeeded', output: readOutput(body.output), ...usage };
  }
  if (body.status !== 'failed') throw new Malformed('status', 'is neither succeeded nor failed');
  if (body.output !== undefined) throw new Malformed('output', 'belongs to a job that succeeded');
  return { jobId, status: 'failed', error: readError(body.error), ...usage };
}

function readOutput(value: unknown): CallbackOutput {
  const entries = Object.entries(readRecord(value, 'output'));
  let files = 0;
  const output = entries.map(([name, entry]) => {
    readText(name, 'output', { max: 64, pattern: namePattern });
    const place = `output.${name}`;
    if (!Array.isArray(entry)) {
      files += 1;
      return [name, readFile(entry, place)] as const;
    }
    files += entry.length;
    return [
      name,
      readList(entry, place, { max: filesMax }).map((file, i) => readFile(file, `${place}[${i}]`)),
    ] as const;
  });
  if (files === 0 || files > filesMax) throw new Malformed('output', `has not 1 to ${filesMax} files`);
  return Object.fromEntries(output);
}

function readFile(value: unknown, place: string): CallbackFile {
  const measures = ['width', 'height', 'durationMs'] as const;
  const file = readClosedRecord(value, place, ['key', 'contentType', 'bytes', ...measures]);
  const measured = measures
    .filter((name) => file[name] !== undefined)
    .map((name) => [name, readInteger(file[name], `${place}.${name}`, { min: 1, max: 100_000_000 })]);
  return {
    key: readText(file.key, `${place}.key`, { max: 512, pattern: keyPattern }),
    contentType: readText(file.contentType, `${place}.contentType`, { max: 100, pattern: contentTypePattern }),
    bytes: readInteger(file.bytes, `${place}.bytes`, { min: 1, max: bytesMax }),
    ...Object.fromEntries(measured),
  };
}

function readError(value: unknown): CallbackError {
  const error = readClosedRecord(value, 'error', ['code', 'message']);
  return {
    code: readText(error.code, 'error.code', { max: 64, pattern: /^[A-Z][A-Z\d_]*$/ }),
    message: readText(error.message, 'error.message', { max: 1000 }),
  };
}

function readUsage(value: unknown): CallbackUsage {
  const usage = readClosedRecord(value, 'usage', ['billedMs']);
  return { billedMs: readInteger(usage.billedMs, 'usage.billedMs', { min: 0, max: 86_400_000 }) };
}
