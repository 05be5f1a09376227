import { lookup as resolve, type LookupAddress } from 'node:dns';
import { Agent as HttpAgent, request as httpRequest, type IncomingMessage, type RequestOptions } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';

export type VendorRequest = {
  method: 'GET' | 'POST';
  url: string;
  headers?: Readonly<Record<string, string>>;
  body?: Buffer | string;
  /** Host names that may be asked; also where a redirect may lead. */
  hosts: readonly string[];
  /** A longer answer is dropped. */
  maxBytes: number;
  signal: AbortSignal;
};
export type VendorAnswer = { status: number; contentType: string; body: Buffer };

/**
 * Why there is no answer. `refused`: our own rules forbid the address. `unreachable`: nothing was sent. `lost`: it was sent, and
 * what became of it is unknown. `too_large`: more than asked for.
 */
export class HttpFailure extends Error {
  override readonly name = 'HttpFailure';
  readonly kind: 'refused' | 'unreachable' | 'lost' | 'too_large';

  constructor(kind: HttpFailure['kind'], message: string, options?: ErrorOptions) {
    super(message, options);
    this.kind = kind;
  }
}

export type VendorHttp = { request(request: VendorRequest): Promise<VendorAnswer> };

const MAX_REDIRECTS = 3;
const NEVER_SENT = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'CERT_HAS_EXPIRED',
]);

/**
 * HTTP to vendors whose addresses come from rows and answers: https only, to listed hosts only, never to an address that is not
 * public. The connection is made to the very address that was judged. `devHosts` (`host:port`) are spared both rules; they come
 * from the process's configuration alone.
 */
export function createVendorHttp({ devHosts = [] }: { devHosts?: readonly string[] } = {}): VendorHttp {
  const agents = { http: new HttpAgent({ keepAlive: true }), https: new HttpsAgent({ keepAlive: true }) };

  async function send(request: VendorRequest, left: number): Promise<VendorAnswer> {
    const url = judge(request, devHosts);
    const isDev = devHosts.includes(url.host);
    const answer = await open(url, request, {
      agent: url.protocol === 'http:' ? agents.http : agents.https,
      ...(isDev ? {} : { lookup: publicLookup }),
    });
    const { location } = answer.headers;
    const status = answer.statusCode ?? 0;
    if (status < 300 || status > 399 || location === undefined || request.method !== 'GET')
      return { status, contentType: answer.headers['content-type'] ?? '', body: await read(answer, request) };
    answer.destroy();
    const next = URL.parse(location, url.href)?.href;
    if (left === 0 || next === undefined) throw new HttpFailure('refused', 'redirected too often');
    return send({ ...request, url: next }, left - 1);
  }

  return { request: (request) => send(request, MAX_REDIRECTS) };
}

/** True for an address anybody on the internet may have. */
export function isPublicAddress(address: string): boolean {
  return ipaddr.isValid(address) && ipaddr.process(address).range() === 'unicast';
}

function judge({ url: text, hosts }: VendorRequest, devHosts: readonly string[]): URL {
  const url = URL.parse(text);
  if (url === null) throw new HttpFailure('refused', 'not an address');
  if (devHosts.includes(url.host)) return url;
  const bare = url.hostname.replace(/^\[|\]$/g, '');
  if (url.protocol !== 'https:') throw new HttpFailure('refused', 'not https');
  if (!hosts.includes(url.hostname)) throw new HttpFailure('refused', 'not a listed host');
  if (url.username !== '' || url.password !== '') throw new HttpFailure('refused', 'carries a user');
  if (isIP(bare) !== 0 && !isPublicAddress(bare)) throw new HttpFailure('refused', 'not a public address');
  return url;
}

/** Resolves, and refuses the name when any of its addresses is not public. */
const publicLookup: NonNullable<RequestOptions['lookup']> = (hostname, options, callback) => {
  resolve(hostname, { ...options, all: true }, (error, addresses: LookupAddress[]) => {
    const [first] = addresses ?? [];
    if (error !== null || first === undefined) callback(error ?? new Error('no address'), '', 0);
    else if (!addresses.every(({ address }) => isPublicAddress(address)))
      callback(new HttpFailure('refused', 'not a public address'), '', 0);
    else if (options.all === true) callback(null, addresses);
    else callback(null, first.address, first.family);
  });
};

function open(url: URL, request: VendorRequest, options: RequestOptions): Promise<IncomingMessage> {
  const { method, headers, body, signal } = request;
  const length = body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) };
  return new Promise((done, fail) => {
    const start = url.protocol === 'http:' ? httpRequest : httpsRequest;
    const outgoing = start(url, { ...options, method, headers: { ...headers, ...length }, signal }, done);
    outgoing.on('error', (error) => fail(failureOf(error)));
    outgoing.end(body);
  });
}

async function read(answer: IncomingMessage, { maxBytes }: VendorRequest): Promise<Buffer> {
  const parts: Buffer[] = [];
  let size = 0;
  try {
    for await (const part of answer) {
      const bytes: Buffer = Buffer.isBuffer(part) ? part : Buffer.from(part);
      size += bytes.length;
      if (size > maxBytes) throw new HttpFailure('too_large', `more than ${maxBytes} bytes`);
      parts.push(bytes);
    }
  } catch (error) {
    answer.destroy();
    throw failureOf(error);
  }
  return Buffer.concat(parts);
}

function failureOf(error: unknown): HttpFailure {
  if (error instanceof HttpFailure) return error;
  const code = typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : 'unknown';
  return new HttpFailure(NEVER_SENT.has(code) ? 'unreachable' : 'lost', code, { cause: error });
}
