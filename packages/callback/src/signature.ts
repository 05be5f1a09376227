import { createHmac, timingSafeEqual } from 'node:crypto';
import { CallbackRefused } from './callback-refused.ts';

/** A secret both sides know, and the public name that says which one signed. */
export interface CallbackKey {
  /** 1–32 of `A–Z a–z 0–9 . _ -`. */
  readonly id: string;
  /** At least 32 characters. */
  readonly secret: string;
}

/** One while all is quiet; two while a secret is being replaced. The first signs, both are believed. */
export type CallbackKeys = readonly [CallbackKey] | readonly [CallbackKey, CallbackKey];

export const callbackHeaders = {
  timestamp: 'x-ys-timestamp',
  nonce: 'x-ys-nonce',
  keyId: 'x-ys-key-id',
  signature: 'x-ys-signature',
} as const;

/** How far the two clocks may be apart, in seconds, either way. Nonces have to be remembered for twice as long. */
export const callbackWindowSeconds = 300;

export interface SignedHeaders {
  /** Unix time in seconds. */
  readonly 'x-ys-timestamp': string;
  readonly 'x-ys-nonce': string;
  readonly 'x-ys-key-id': string;
  /** HMAC-SHA256 in lower-case hex over `timestamp \n nonce \n path \n raw body`. */
  readonly 'x-ys-signature': string;
}

export interface CallbackToSign {
  readonly keys: CallbackKeys;
  /** Path as the receiver sees it, with its query if there is one: `/api/internal/tasks/T/steps/0/callback`. */
  readonly path: string;
  readonly rawBody: string | Uint8Array;
  readonly now: Date;
  /** Fresh for every request, also for a repeated one. 16–64 of `A–Z a–z 0–9 _ -`. */
  readonly nonce: string;
}

export interface CallbackToVerify {
  readonly keys: CallbackKeys;
  readonly path: string;
  /** The bytes as they came: parsed and written again they need not be the same. */
  readonly rawBody: string | Uint8Array;
  /** Names in lower case, as Node gives them. */
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly now: Date;
}

/** What was proved. The receiver must still refuse a nonce it has seen. */
export interface ProvedCallback {
  readonly nonce: string;
  readonly keyId: string;
}

const noncePattern = /^[\w-]{16,64}$/;
const timestampPattern = /^[1-9]\d{0,11}$/;
const keyIdPattern = /^[\w.-]{1,32}$/;
const signaturePattern = /^[\da-f]{64}$/;
const shortestSecret = 32;

/** The four headers for one request, signed with the first key. */
export function signCallback({ keys, path, rawBody, now, nonce }: CallbackToSign): SignedHeaders {
  assertKeys(keys);
  if (!noncePattern.test(nonce)) throw new TypeError('a nonce is 16 to 64 letters, digits, _ or -');
  if (!isPath(path)) throw new TypeError('a path begins with / and is one line');
  const timestamp = String(Math.floor(now.getTime() / 1000));
  const [key] = keys;
  const signature = mac(key, { timestamp, nonce, path, rawBody }).toString('hex');
  return { 'x-ys-timestamp': timestamp, 'x-ys-nonce': nonce, 'x-ys-key-id': key.id, 'x-ys-signature': signature };
}

/**
 * Throws {@link CallbackRefused} unless one of the keys signed exactly this path and body within ±300 s of `now`.
 * Reads and remembers nothing: that the nonce is new is for the receiver to decide, in the transaction that uses it.
 */
export function verifyCallback({ keys, path, rawBody, headers, now }: CallbackToVerify): ProvedCallback {
  assertKeys(keys);
  const timestamp = single(headers, callbackHeaders.timestamp);
  const nonce = single(headers, callbackHeaders.nonce);
  const keyId = single(headers, callbackHeaders.keyId);
  const claimed = single(headers, callbackHeaders.signature);

  if (!timestampPattern.test(timestamp)) throw new CallbackRefused('timestamp_malformed');
  const apartMs = Math.abs(now.getTime() - Number(timestamp) * 1000);
  if (!(apartMs <= callbackWindowSeconds * 1000)) throw new CallbackRefused('timestamp_stale');
  if (!noncePattern.test(nonce)) throw new CallbackRefused('nonce_malformed');
  const key = keys.find(({ id }) => id === keyId);
  if (key === undefined) throw new CallbackRefused('key_unknown');
  if (!signaturePattern.test(claimed)) throw new CallbackRefused('signature_wrong');
  const expected = mac(key, { timestamp, nonce, path, rawBody });
  if (!timingSafeEqual(expected, Buffer.from(claimed, 'hex'))) throw new CallbackRefused('signature_wrong');
  return { nonce, keyId: key.id };
}

interface Signed {
  readonly timestamp: string;
  readonly nonce: string;
  readonly path: string;
  readonly rawBody: string | Uint8Array;
}

/** Timestamp, nonce and path hold no line break, so no two requests share the signed text. */
function mac(key: CallbackKey, { timestamp, nonce, path, rawBody }: Signed): Buffer {
  return createHmac('sha256', key.secret).update(`${timestamp}\n${nonce}\n${path}\n`).update(rawBody).digest();
}

function single(headers: CallbackToVerify['headers'], name: string): string {
  const value = headers[name];
  if (typeof value !== 'string' || value === '') throw new CallbackRefused('header_missing', name);
  return value;
}

function isPath(path: string): boolean {
  return path.startsWith('/') && !/[\r\n]/.test(path);
}

/** A mistake of our own configuration, never of a caller. */
function assertKeys(keys: CallbackKeys): void {
  if (keys.length < 1 || keys.length > 2) throw new TypeError('one or two callback keys are active at a time');
  if (new Set(keys.map(({ id }) => id)).size !== keys.length) throw new TypeError('two callback keys share an id');
  for (const { id, secret } of keys) {
    if (!keyIdPattern.test(id)) throw new TypeError('a callback key id is 1 to 32 letters, digits, . _ or -');
    if (secret.length < shortestSecret)
      throw new TypeError(`callback key ${id} is shorter than ${shortestSecret} characters`);
  }
}
