import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { CosRequest } from './cos-request.ts';

/** The parts of a `q-sign-algorithm=sha1` signature, from the Authorization header or a presigned query. */
export type CosAuthorization = {
  accessKeyId: string;
  signTime: TimeSpan;
  keyTime: string;
  headerNames: string[];
  parameterNames: string[];
  signature: string;
};

/** Unix seconds; `text` is what was signed. */
type TimeSpan = { start: number; end: number; text: string };

/** The signature's parts; undefined when there is none, 'malformed' when it cannot be read. */
export function readAuthorization(request: CosRequest): CosAuthorization | 'malformed' | undefined {
  const header = request.headers['authorization'];
  const pairs: [string, string][] = header === undefined ? request.query : header.trim().split('&').map(splitPair);
  const parts = new Map(pairs.filter(([name]) => name.startsWith('q-')));
  if (parts.size === 0) return header === undefined ? undefined : 'malformed';
  const part = (name: string) => parts.get(name) ?? '';
  const span = /^(\d+);(\d+)$/.exec(part('q-sign-time'));
  if (part('q-sign-algorithm') !== 'sha1' || span === null || !/^[0-9a-f]{40}$/.test(part('q-signature'))) {
    return 'malformed';
  }
  return {
    accessKeyId: part('q-ak'),
    signTime: { start: Number(span[1]), end: Number(span[2]), text: span[0] },
    keyTime: part('q-key-time'),
    headerNames: part('q-header-list').split(';').filter(Boolean),
    parameterNames: part('q-url-param-list').split(';').filter(Boolean),
    signature: part('q-signature'),
  };
}

/** Whether the request's method, path, listed parameters and listed headers are what was signed. */
export function isSignedWith(request: CosRequest, authorization: CosAuthorization, secretKey: string): boolean {
  const parameters = new Map(request.query.map(([name, value]) => [encode(name).toLowerCase(), value]));
  const lines = [
    request.method.toLowerCase(),
    request.path,
    listed(authorization.parameterNames, (name) => parameters.get(name)),
    listed(authorization.headerNames, (name) => request.headers[decodeName(name)]),
    '',
  ];
  const text = ['sha1', authorization.signTime.text, sha1(lines.join('\n')), ''].join('\n');
  const signKey = hmac(secretKey, authorization.keyTime);
  return timingSafeEqual(Buffer.from(hmac(signKey, text)), Buffer.from(authorization.signature));
}

/** `name=value&…` of the names signed. A name signed but not sent counts as empty, so its signature fails. */
function listed(names: string[], valueOf: (encodedName: string) => string | undefined): string {
  return names
    .map((name) => {
      const encoded = encode(decodeName(name)).toLowerCase();
      return `${encoded}=${encode(valueOf(encoded) ?? '')}`;
    })
    .join('&');
}

function decodeName(name: string): string {
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
}

function encode(text: string): string {
  return encodeURIComponent(text).replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);
}

function splitPair(pair: string): [string, string] {
  const mark = pair.indexOf('=');
  return mark === -1 ? [pair, ''] : [pair.slice(0, mark), pair.slice(mark + 1)];
}

function sha1(text: string): string {
  return createHash('sha1').update(text).digest('hex');
}

function hmac(key: string, text: string): string {
  return createHmac('sha1', key).update(text).digest('hex');
}
