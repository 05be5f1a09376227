import { randomBytes } from 'node:crypto';
import { XMLBuilder } from 'fast-xml-parser';
import type { Answer, VendorError } from '../vendor-call.ts';
import type { CosRequest } from './cos-request.ts';

const builder = new XMLBuilder();

/** Headers a browser may read across origins. */
const EXPOSED = 'ETag, x-cos-request-id, Content-Length, Content-Range, Accept-Ranges, Last-Modified, Location';

/** Every answer carries x-cos-request-id: without it the SDK believes the host to be wrong and tries another. */
export function cosAnswer(
  request: Pick<CosRequest, 'headers'>,
  answer: { status: number; headers?: Record<string, string>; body?: Buffer },
): Answer {
  const body = answer.body ?? Buffer.alloc(0);
  return {
    status: answer.status,
    headers: { 'x-cos-request-id': requestId(), Server: 'tencent-cos', ...crossOrigin(request), ...answer.headers },
    body,
  };
}

export function xmlAnswer(
  request: Pick<CosRequest, 'headers'>,
  status: number,
  document: Record<string, unknown>,
): Answer {
  const body = Buffer.from(`<?xml version="1.0" encoding="UTF-8"?>\n${builder.build(document)}`);
  return cosAnswer(request, { status, headers: { 'Content-Type': 'application/xml' }, body });
}

/** The vendor's error document; HEAD answers have none. */
export function xmlRefusal(request: Pick<CosRequest, 'headers' | 'method' | 'path'>, error: VendorError): Answer {
  if (request.method === 'HEAD') return cosAnswer(request, { status: error.status });
  return xmlAnswer(request, error.status, {
    Error: {
      Code: error.code,
      Message: error.message,
      Resource: request.path,
      RequestId: requestId(),
      TraceId: randomBytes(16).toString('base64'),
    },
  });
}

/** The bucket's CORS rule: any origin, every method the program uses. */
export function preflight(request: Pick<CosRequest, 'headers'>): Answer {
  return cosAnswer(request, {
    status: 200,
    headers: {
      'Access-Control-Allow-Methods': 'GET, PUT, HEAD, POST, DELETE',
      'Access-Control-Allow-Headers': request.headers['access-control-request-headers'] ?? '*',
      'Access-Control-Max-Age': '600',
    },
  });
}

function crossOrigin(request: Pick<CosRequest, 'headers'>): Record<string, string> {
  if (request.headers['origin'] === undefined) return {};
  return { 'Access-Control-Allow-Origin': '*', 'Access-Control-Expose-Headers': EXPOSED, Vary: 'Origin' };
}

function requestId(): string {
  return randomBytes(16).toString('base64');
}
