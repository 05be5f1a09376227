import type { FastifyInstance, FastifyRequest } from 'fastify';

const CONTENT_TYPE = 'content-type';

/** The bytes as they arrived: every signature is over these, never over something parsed and written again. */
export function rawBody(request: FastifyRequest): Buffer {
  return Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
}

/** A header as it was sent; absent when missing. */
export function header(request: FastifyRequest, name: string): string | undefined {
  if (name === CONTENT_TYPE) return sentContentType(request);
  const value = request.headers[name];
  return Array.isArray(value) ? value.join(', ') : value;
}

/** Every header as it was sent, under its lower-case name. */
export function headersOf(request: FastifyRequest): Record<string, string | undefined> {
  return Object.fromEntries(Object.keys(request.headers).map((name) => [name, header(request, name)]));
}

/**
 * Vendors take any Content-Type, Fastify only well-formed ones: it is shown a plain one, while signatures, policies and
 * storage read the one that was sent.
 */
export function acceptAnyContentType(app: FastifyInstance): void {
  app.addHook('onRequest', (request, _reply, done) => {
    if (request.raw.headers[CONTENT_TYPE] !== undefined) request.raw.headers[CONTENT_TYPE] = 'application/octet-stream';
    done();
  });
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
}

function sentContentType({ raw }: FastifyRequest): string | undefined {
  const at = raw.rawHeaders.findIndex((text, index) => index % 2 === 0 && text.toLowerCase() === CONTENT_TYPE);
  return at === -1 ? undefined : raw.rawHeaders[at + 1];
}

/** JSON.parse that answers undefined for anything that is no JSON object. */
export function parseJsonObject(body: Buffer): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(body.toString('utf8'));
    return isRecord(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
