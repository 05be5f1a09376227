import type { FastifyRequest } from 'fastify';
import { header, headersOf, rawBody } from '../http.ts';
import { VendorError } from '../vendor-call.ts';

/** A request to the bucket, with the bucket's own path segment taken off. */
export type CosRequest = {
  method: string;
  /** Decoded, beginning with `/`: what is signed. */
  path: string;
  /** The object's key; empty for the bucket itself. */
  key: string;
  /** Decoded, in the order sent; a parameter without `=` has the value ''. */
  query: [name: string, value: string][];
  headers: Readonly<Record<string, string | undefined>>;
  body: Buffer;
  /** `host:port/bucket`, for Location. */
  place: string;
};

/** Reads the raw URL: routers decode and normalise, signatures do neither. */
export function readCosRequest(request: FastifyRequest, bucket: string): CosRequest {
  const url = request.raw.url ?? '/';
  const mark = url.indexOf('?');
  const rawPath = (mark === -1 ? url : url.slice(0, mark)).slice(`/${bucket}`.length) || '/';
  const rawQuery = mark === -1 ? '' : url.slice(mark + 1);
  const path = decode(rawPath);
  return {
    method: request.method,
    path,
    key: path.slice(1),
    query: rawQuery.split('&').filter(Boolean).map(readParameter),
    headers: headersOf(request),
    body: rawBody(request),
    place: `${header(request, 'host') ?? ''}/${bucket}`,
  };
}

/** The first parameter of that name, whatever its case. */
export function queryValue(request: CosRequest, name: string): string | undefined {
  return request.query.find(([key]) => key.toLowerCase() === name)?.[1];
}

function readParameter(pair: string): [string, string] {
  const mark = pair.indexOf('=');
  return mark === -1 ? [decode(pair), ''] : [decode(pair.slice(0, mark)), decode(pair.slice(mark + 1))];
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new VendorError(400, 'InvalidURI', 'Could not parse the specified URI.');
  }
}
