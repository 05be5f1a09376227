import { createHash } from 'node:crypto';
import type { SandboxConfig } from '../config.ts';
import { VendorError, type Answer } from '../vendor-call.ts';
import { cosAnswer, xmlAnswer } from './cos-answers.ts';
import { queryValue, type CosRequest } from './cos-request.ts';
import { lockHeaders, readLock } from './object-lock.ts';
import type { ObjectStore, StoredObject } from './object-store.ts';

const KEPT_HEADERS = ['content-type', 'cache-control', 'content-disposition', 'content-encoding', 'expires'];
const RESPONSE_OVERRIDES = [
  'content-type',
  'cache-control',
  'content-disposition',
  'content-encoding',
  'content-language',
];

export function putObject(store: ObjectStore, request: CosRequest): Answer {
  const { etag } = storeUpload(store, request);
  return cosAnswer(request, { status: 200, headers: { ETag: etag, Location: locationOf(request, request.key) } });
}

/** `host/bucket/key` with the key encoded: header values are ASCII. */
export function locationOf(request: CosRequest, key: string): string {
  return `${request.place}/${key.split('/').map(encodeURIComponent).join('/')}`;
}

/** Checks Content-MD5 and keeps the body with its headers. */
export function storeUpload(store: ObjectStore, request: CosRequest): StoredObject {
  assertDigest(request);
  const lock = readLock(request, store.now());
  return store.put({ key: request.key, body: request.body, headers: keptHeaders(request), ...lock });
}

export function assertDigest(request: CosRequest): void {
  const digest = request.headers['content-md5'];
  if (digest !== undefined && createHash('md5').update(request.body).digest('base64') !== digest) {
    throw new VendorError(400, 'InvalidDigest', 'The Content-MD5 you specified is not valid.');
  }
}

/** The headers that stay with an object. */
export function keptHeaders(request: CosRequest): Record<string, string> {
  const kept = Object.entries(request.headers).filter(
    (entry): entry is [string, string] =>
      Boolean(entry[1]) && (KEPT_HEADERS.includes(entry[0]) || entry[0].startsWith('x-cos-meta-')),
  );
  return { 'content-type': 'application/octet-stream', ...Object.fromEntries(kept) };
}

export function getObject(store: ObjectStore, request: CosRequest): Answer {
  const object = existing(store, request.key);
  const headers = { ...headersOf(object), ...overrides(request) };
  if (request.headers['if-none-match'] === object.etag) return cosAnswer(request, { status: 304, headers });
  const range = readRange(request.headers['range'], object.body.length);
  if (range === undefined) {
    return cosAnswer(request, { status: 200, headers: withLength(headers, object.body), body: object.body });
  }
  const part = object.body.subarray(range.first, range.last + 1);
  const span = `bytes ${range.first}-${range.last}/${object.body.length}`;
  return cosAnswer(request, {
    status: 206,
    headers: { ...withLength(headers, part), 'Content-Range': span },
    body: part,
  });
}

export function headObject(store: ObjectStore, request: CosRequest): Answer {
  const object = existing(store, request.key);
  return cosAnswer(request, { status: 200, headers: withLength(headersOf(object), object.body) });
}

export function deleteObject(store: ObjectStore, request: CosRequest): Answer {
  store.remove(request.key);
  return cosAnswer(request, { status: 204 });
}

export function copyObject(store: ObjectStore, config: SandboxConfig, request: CosRequest): Answer {
  const source = existing(store, copySourceKey(request, config));
  const replaces = request.headers['x-cos-metadata-directive']?.toLowerCase() === 'replaced';
  const headers = replaces ? keptHeaders(request) : source.headers;
  const copy = store.put({ key: request.key, body: source.body, headers });
  return xmlAnswer(request, 200, {
    CopyObjectResult: { ETag: copy.etag, LastModified: copy.lastModified.toISOString() },
  });
}

/** The key in `bucket.cos.region.myqcloud.com/key`, or in `host:port/bucket/key` as local addresses are written. */
export function copySourceKey(request: CosRequest, { cos }: SandboxConfig): string {
  const source = decodeURIComponent(request.headers['x-cos-copy-source'] ?? '').replace(/^https?:\/\//, '');
  const [host = '', ...rest] = source.split('/');
  const isVirtualHost = host.startsWith(`${cos.bucket}.`);
  const isPathStyle = rest[0] === cos.bucket;
  if (!isVirtualHost && !isPathStyle) throw new VendorError(400, 'InvalidArgument', 'The copy source is invalid.');
  return (isVirtualHost ? rest : rest.slice(1)).join('/');
}

export function existing(store: ObjectStore, key: string): StoredObject {
  const object = store.find(key);
  if (object === undefined) throw new VendorError(404, 'NoSuchKey', 'The specified key does not exist.');
  return object;
}

function headersOf(object: StoredObject): Record<string, string> {
  return {
    ...object.headers,
    ETag: object.etag,
    'Last-Modified': object.lastModified.toUTCString(),
    'Accept-Ranges': 'bytes',
    ...lockHeaders(object),
  };
}

function withLength(headers: Record<string, string>, body: Buffer): Record<string, string> {
  return { ...headers, 'Content-Length': String(body.length) };
}

/** `response-content-type` and the like in the query replace the stored headers. */
function overrides(request: CosRequest): Record<string, string> {
  const entries = RESPONSE_OVERRIDES.map((name) => [name, queryValue(request, `response-${name}`)] as const);
  return Object.fromEntries(entries.filter((entry): entry is [(typeof entry)[0], string] => entry[1] !== undefined));
}

type Range = { first: number; last: number };

/** A single byte range; several, or one in another unit, are answered with the whole object. */
function readRange(text: string | undefined, size: number): Range | undefined {
  const match = /^bytes=(\d*)-(\d*)$/.exec(text ?? '');
  if (match === null || (match[1] === '' && match[2] === '')) return undefined;
  const [, from = '', to = ''] = match;
  const first = from === '' ? Math.max(0, size - Number(to)) : Number(from);
  const last = from === '' || to === '' ? size - 1 : Math.min(Number(to), size - 1);
  if (first > last) throw new VendorError(416, 'InvalidRange', 'The requested range cannot be satisfied.');
  return { first, last };
}
