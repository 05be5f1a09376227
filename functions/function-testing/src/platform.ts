import { once } from 'node:events';
import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { mkdtemp, rm } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { CallbackRefused, parseCallbackBody, verifyCallback } from '@yunshang/callback';
import type { CallbackBody, CallbackKeys, Invocation, PlainRecord, ProvedCallback } from '@yunshang/callback';

/** What the bucket does with the next request to a path, in place of its work. */
export type Fault = { status: number; location?: string } | 'hang' | 'cut';

export interface StoredFile {
  readonly bytes: Buffer;
  readonly contentType: string;
}

export interface ReceivedCallback extends ProvedCallback {
  readonly body: CallbackBody;
}

export interface JobToInvoke {
  readonly function: string;
  readonly jobId?: string;
  readonly input?: PlainRecord;
  readonly downloads?: Readonly<Record<string, StoredFile | readonly StoredFile[]>>;
  /** Content types of the results by name. */
  readonly uploads?: Readonly<Record<string, string>>;
}

/** A bucket with signed addresses and a server that proves callbacks, in one process, over real HTTP. */
export interface Platform {
  readonly origin: string;
  /** What a function's environment has to hold to work here. */
  readonly environment: Readonly<Record<string, string>>;
  /** Callbacks whose signature, time, path and body were right, in the order they came. */
  readonly callbacks: readonly ReceivedCallback[];
  /** Why callbacks were not believed. */
  readonly refusals: readonly string[];
  /** Requests as `GET /in/0`, in the order they came. */
  readonly requests: readonly string[];
  uploaded(key: string): StoredFile | undefined;
  invocation(job: JobToInvoke): Invocation;
  /** The next requests of this method and path prefix meet these instead, one each. */
  fail(request: string, ...faults: readonly Fault[]): void;
  forget(): void;
  stop(): Promise<void>;
}

export const platformKeys: CallbackKeys = [
  { id: 'new', secret: 'a-secret-for-tests-of-32-letters-or-more' },
  { id: 'old', secret: 'the-secret-it-replaces-of-32-letters-too' },
];

export async function startPlatform(): Promise<Platform> {
  const stateDirectory = await mkdtemp(join(tmpdir(), 'ys-platform-'));
  const state = new PlatformState();
  const server = createServer((request, response) => void state.answer(request, response));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  state.origin = `http://127.0.0.1:${portOf(server)}`;
  return {
    origin: state.origin,
    environment: {
      YS_CALLBACK_KEYS: platformKeys.map(({ id, secret }) => `${id}:${secret}`).join(','),
      YS_CALLBACK_ORIGINS: state.origin,
      YS_STORAGE_ORIGINS: state.origin,
      YS_STATE_DIR: stateDirectory,
    },
    callbacks: state.callbacks,
    refusals: state.refusals,
    requests: state.requests,
    uploaded: (key) => state.uploads.get(key),
    invocation: (job) => state.invocation(job),
    fail: (request, ...faults) => state.faults.set(request, [...faults]),
    forget: () => state.forget(),
    async stop() {
      server.closeAllConnections();
      server.close();
      await rm(stateDirectory, { recursive: true, force: true });
    },
  };
}

function portOf(server: Server): number {
  return (server.address() as AddressInfo).port;
}

class PlatformState {
  origin = '';
  readonly callbacks: ReceivedCallback[] = [];
  readonly refusals: string[] = [];
  readonly requests: string[] = [];
  readonly inputs: StoredFile[] = [];
  readonly uploads = new Map<string, StoredFile>();
  readonly faults = new Map<string, Fault[]>();
  readonly #nonces = new Set<string>();
  #jobs = 0;

  invocation({ function: name, jobId, input = {}, downloads = {}, uploads = {} }: JobToInvoke): Invocation {
    const id = jobId ?? `job-${(this.#jobs += 1)}`;
    const path = `/api/internal/tasks/${id}/steps/0/callback`;
    const offer = (file: StoredFile) => `${this.origin}/in/${this.inputs.push(file) - 1}?sign=secret-signature`;
    return {
      jobId: id,
      taskId: id,
      stepIndex: 0,
      function: name,
      input,
      callback: { url: `${this.origin}${path}`, path },
      uploads: Object.entries(uploads).map(([upload, contentType]) => {
        const key = `results/${id}/${upload}`;
        return { name: upload, key, putUrl: `${this.origin}/out/${key}?sign=secret-signature`, contentType };
      }),
      downloads: Object.fromEntries(
        Object.entries(downloads).map(([download, files]) => [
          download,
          'bytes' in files ? offer(files) : files.map(offer),
        ]),
      ),
    };
  }

  forget(): void {
    for (const list of [this.callbacks, this.refusals, this.requests]) list.length = 0;
    this.faults.clear();
  }

  async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname } = new URL(request.url ?? '/', this.origin);
    const body = await buffer(request).catch(() => Buffer.alloc(0));
    this.requests.push(`${request.method} ${pathname}`);
    const fault = this.#fault(`${request.method} ${pathname}`);
    if (fault === 'hang') return;
    if (fault === 'cut') return void request.socket.destroy();
    if (fault !== undefined) {
      response.writeHead(fault.status, fault.location === undefined ? {} : { location: fault.location }).end();
      return;
    }
    if (request.method === 'GET') this.#give(pathname, response);
    else if (request.method === 'PUT') this.#take(pathname, body, request, response);
    else this.#receive(pathname, body, request, response);
  }

  #fault(request: string): Fault | undefined {
    const prefix = [...this.faults.keys()].find((known) => request.startsWith(known));
    return prefix === undefined ? undefined : this.faults.get(prefix)?.shift();
  }

  #give(pathname: string, response: ServerResponse): void {
    const file = this.inputs[Number(pathname.replace('/in/', ''))];
    if (file === undefined) return void response.writeHead(404).end();
    response
      .writeHead(200, { 'content-type': file.contentType, 'content-length': file.bytes.byteLength })
      .end(file.bytes);
  }

  #take(pathname: string, bytes: Buffer, request: IncomingMessage, response: ServerResponse): void {
    this.uploads.set(pathname.replace('/out/', ''), { bytes, contentType: request.headers['content-type'] ?? '' });
    response.writeHead(200).end();
  }

  /** As the server has to: prove first, read then, each nonce once. */
  #receive(path: string, rawBody: Buffer, { headers }: IncomingMessage, response: ServerResponse): void {
    try {
      const proved = verifyCallback({ keys: platformKeys, path, rawBody, headers, now: new Date() });
      if (this.#nonces.has(proved.nonce)) throw new Error('nonce_seen');
      this.#nonces.add(proved.nonce);
      this.callbacks.push({ ...proved, body: parseCallbackBody(rawBody) });
      response.writeHead(200).end();
    } catch (error) {
      this.refusals.push(error instanceof CallbackRefused ? error.reason : String(error));
      response.writeHead(401).end();
    }
  }
}
