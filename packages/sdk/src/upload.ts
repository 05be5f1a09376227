import type { Connection } from './connection.ts';
import { clientError } from './errors.ts';
import { signedPutHeaders } from './cos-signature.ts';
import { withRetries } from './retry.ts';
import type { Asset, BeganUpload, CallOptions, UploadType } from './types.ts';

export type UploadOptions = CallOptions & {
  /** `image/jpeg`, `image/png`, `image/webp` or `video/mp4`; read from the Blob or its first bytes when absent. */
  contentType?: UploadType;
  /** Told as bytes leave; in browsers as they go, elsewhere at the beginning and the end. */
  onProgress?: (progress: { sentBytes: number; totalBytes: number }) => void;
};
/** A File, a Blob, or bytes: Node's Buffer is a Uint8Array. */
export type Uploadable = Blob | Uint8Array | ArrayBuffer;

/** Asks for credentials, PUTs the file straight to the bucket, and has it judged. */
export async function putUpload(connection: Connection, file: Uploadable, options: UploadOptions): Promise<Asset> {
  const { signal } = options;
  // Copied, since the bytes may be shared memory, which a Blob does not take.
  const body = file instanceof Blob ? file : new Blob([new Uint8Array(file)]);
  const contentType = options.contentType ?? (await typeOf(body));
  const began = await connection.call(
    (trpc, call) => trpc.uploads.begin.mutate({ contentType, sizeBytes: body.size }, call),
    { signal, isRepeatable: true },
  );
  await withRetries(() => put(connection.fetch, { began, body, options }), signal);
  return connection.call((trpc, call) => trpc.uploads.complete.mutate({ assetId: began.assetId }, call), {
    signal,
    isRepeatable: true,
  });
}

type Put = { began: BeganUpload; body: Blob; options: UploadOptions };

async function put(fetch: typeof globalThis.fetch, { began, body, options }: Put): Promise<void> {
  const { onProgress, signal } = options;
  const headers = await signedPutHeaders(began, body.size);
  // Only XMLHttpRequest tells of bytes on their way; it is there in browsers alone.
  if (onProgress !== undefined && typeof XMLHttpRequest === 'function')
    return putWithProgress({ began, body, options }, headers);
  onProgress?.({ sentBytes: 0, totalBytes: body.size });
  const request = { method: 'PUT', headers, body, ...(signal === undefined ? {} : { signal }) };
  const response = await fetch(began.url, request).catch((cause: unknown) => {
    if (signal?.aborted) throw clientError('ABORTED', { cause: signal.reason });
    throw clientError('NETWORK_ERROR', { cause });
  });
  await response.body?.cancel();
  assertTaken(response.status);
  onProgress?.({ sentBytes: body.size, totalBytes: body.size });
}

function putWithProgress({ began, body, options }: Put, headers: Record<string, string>): Promise<void> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open('PUT', began.url);
    for (const [name, value] of Object.entries(headers)) request.setRequestHeader(name, value);
    request.upload.addEventListener('progress', ({ loaded }) =>
      options.onProgress?.({ sentBytes: loaded, totalBytes: body.size }),
    );
    request.addEventListener('load', () => {
      try {
        assertTaken(request.status);
        resolve();
      } catch (error) {
        reject(error instanceof Error ? error : clientError('UPLOAD_FAILED'));
      }
    });
    request.addEventListener('error', () => reject(clientError('NETWORK_ERROR')));
    request.addEventListener('abort', () => reject(clientError('ABORTED', { cause: options.signal?.reason })));
    options.signal?.addEventListener('abort', () => request.abort(), { once: true });
    request.send(body);
  });
}

/** What the bucket could not take now can be sent again; what it refuses can not. */
function assertTaken(status: number): void {
  if (status >= 200 && status < 300) return;
  throw clientError(status >= 500 ? 'NETWORK_ERROR' : 'UPLOAD_FAILED', { status });
}

const MAGIC: readonly [UploadType, string][] = [
  ['image/jpeg', '^ffd8ff'],
  ['image/png', '^89504e47'],
  ['image/webp', '^52494646.{8}57454250'],
  ['video/mp4', '^.{8}66747970'],
];

/** What the bytes say; a Blob's own type is only its name's ending. Unknown bytes are sent as JPEG, for the server to refuse. */
async function typeOf(body: Blob): Promise<UploadType> {
  const head = new Uint8Array(await body.slice(0, 12).arrayBuffer());
  const hex = Array.from(head, (byte) => byte.toString(16).padStart(2, '0')).join('');
  return MAGIC.find(([, pattern]) => new RegExp(pattern).test(hex))?.[0] ?? 'image/jpeg';
}
