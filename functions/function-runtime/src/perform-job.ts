import { Malformed, parseInvocation } from '@yunshang/callback';
import type { CallbackBody, CallbackFile, Invocation, InvocationUpload, PlainRecord } from '@yunshang/callback';
import type { FunctionConfig } from './config.ts';
import { download } from './download.ts';
import { FunctionFailure } from './function-failure.ts';
import type { Pauses } from './repeat.ts';
import { upload } from './upload.ts';

/** A result before it is uploaded. */
export interface ProducedFile {
  readonly bytes: Uint8Array;
  readonly width?: number;
  readonly height?: number;
  readonly durationMs?: number;
}

export interface Job {
  readonly input: PlainRecord;
  /** Fires when the time is up. Whoever starts a process or a long loop has to obey it. */
  readonly signal: AbortSignal;
  /** One input that has to be there. */
  image(name: string): Promise<Buffer>;
  /** A list in its order; a single address is a list of one. */
  images(name: string, limits: { min: number; max: number }): Promise<readonly Buffer[]>;
  /** The content type the caller wants a result in; a failure when it did not offer a place for it. */
  wantedType(name: string, possible: readonly string[]): string;
}

/** What a function is: judge the input, make the files. */
export type Work = (job: Job) => Promise<Readonly<Record<string, ProducedFile>>>;

export interface Performance {
  readonly name: string;
  readonly work: Work;
  readonly config: FunctionConfig;
  readonly timeLimitMs: number;
  readonly pausesMs: Pauses;
}

/** Largest input picture, in bytes: what the upload form lets through, with room. */
const imageBytesMax = 30 * 1024 * 1024;

/** Does the work within the time limit and says how it ended; never throws and never hangs. */
export async function performJob(jobId: string, event: unknown, performance_: Performance): Promise<CallbackBody> {
  const from = performance.now();
  const usage = () => ({ usage: { billedMs: Math.ceil(performance.now() - from) } });
  const late = new FunctionFailure('TIMED_OUT', `not done within ${performance_.timeLimitMs} ms`);
  const limit = new AbortController();
  const timer = setTimeout(() => limit.abort(late), performance_.timeLimitMs);
  try {
    const output = await Promise.race([produce(event, performance_, limit.signal), rejectOn(limit.signal)]);
    return { jobId, status: 'succeeded', output, ...usage() };
  } catch (error) {
    const { code, message } = limit.signal.aborted ? late : asFailure(error);
    return { jobId, status: 'failed', error: { code, message: message.slice(0, 1000) }, ...usage() };
  } finally {
    clearTimeout(timer);
    limit.abort(late);
  }
}

async function produce(event: unknown, performance_: Performance, signal: AbortSignal) {
  const invocation = parseInvocation(event);
  if (invocation.function !== performance_.name) {
    throw new FunctionFailure('INVOCATION_MALFORMED', `this is ${performance_.name}, not ${invocation.function}`);
  }
  const files = await performance_.work(jobOf(invocation, performance_, signal));
  const limits = { origins: performance_.config.storageOrigins, pausesMs: performance_.pausesMs, signal };
  const output: Record<string, CallbackFile> = {};
  for (const [name, { bytes, ...measures }] of Object.entries(files)) {
    const slot = uploadOf(invocation, name);
    signal.throwIfAborted();
    await upload(slot, bytes, limits);
    output[name] = { key: slot.key, contentType: slot.contentType, bytes: bytes.byteLength, ...measures };
  }
  return output;
}

function jobOf(invocation: Invocation, { config, pausesMs }: Performance, signal: AbortSignal): Job {
  const limits = { origins: config.storageOrigins, maxBytes: imageBytesMax, contentType: 'image/', pausesMs, signal };
  const addresses = (name: string) => [invocation.downloads[name] ?? []].flat();
  return {
    input: invocation.input,
    signal,
    async image(name) {
      const [address, ...more] = addresses(name);
      if (address === undefined || more.length > 0) {
        throw new FunctionFailure('INVOCATION_MALFORMED', `downloads.${name} is not one address`);
      }
      return download(address, limits);
    },
    async images(name, { min, max }) {
      const all = addresses(name);
      if (all.length < min || all.length > max) {
        throw new FunctionFailure('INPUT_REFUSED', `${name} has ${all.length} pictures, not ${min} to ${max}`);
      }
      const pictures: Buffer[] = [];
      for (const address of all) pictures.push(await download(address, limits));
      return pictures;
    },
    wantedType(name, possible) {
      const { contentType } = uploadOf(invocation, name);
      if (possible.includes(contentType)) return contentType;
      throw new FunctionFailure('INVOCATION_MALFORMED', `${name} can be ${possible.join(' or ')}, not ${contentType}`);
    },
  };
}

function uploadOf(invocation: Invocation, name: string): InvocationUpload {
  const slot = invocation.uploads.find((offered) => offered.name === name);
  if (slot === undefined) throw new FunctionFailure('INVOCATION_MALFORMED', `uploads has no place for ${name}`);
  return slot;
}

function rejectOn(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
}

/** What is no {@link FunctionFailure} is our own mistake: its message stays here, its kind is told. */
function asFailure(error: unknown): FunctionFailure {
  if (error instanceof FunctionFailure) return error;
  if (error instanceof Malformed) return new FunctionFailure('INVOCATION_MALFORMED', error.message);
  return new FunctionFailure('RENDER_FAILED', error instanceof Error ? error.name : 'unknown error');
}
