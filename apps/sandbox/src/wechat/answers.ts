import { randomBytes } from 'node:crypto';
import type { FastifyRequest } from 'fastify';
import { header } from '../http.ts';
import { VendorError, type Answer } from '../vendor-call.ts';
import type { PlatformSigner } from './platform-signature.ts';

const JSON_TYPE = 'application/json; charset=utf-8';

/** What a call that succeeded says. */
export type Success = { status: 200; json: unknown } | { status: 204 };

/** A 2xx answer, signed with the key the request's Wechatpay-Serial asks for. */
export function signedAnswer(
  request: FastifyRequest,
  deps: { signer: PlatformSigner; now: () => Date },
  answer: Success,
): Answer {
  const body = answer.status === 204 ? Buffer.alloc(0) : Buffer.from(JSON.stringify(answer.json));
  const type: Record<string, string> = answer.status === 204 ? {} : { 'Content-Type': JSON_TYPE };
  const signature = deps.signer.sign(body, deps.now(), header(request, 'wechatpay-serial'));
  return { status: answer.status, headers: { ...type, 'Request-ID': requestId(), ...signature }, body };
}

/** A refusal: JSON with code and message, never signed. */
export function refusal(error: VendorError): Answer {
  const { code, message, detail } = error;
  return {
    status: error.status,
    headers: { 'Content-Type': JSON_TYPE, 'Request-ID': requestId() },
    body: Buffer.from(JSON.stringify({ code, message, ...(detail === undefined ? {} : { detail }) })),
  };
}

/** An answer can only be signed with a key the merchant has. */
export function assertKnownSerial(request: FastifyRequest, signer: PlatformSigner): void {
  const serial = header(request, 'wechatpay-serial');
  if (serial !== undefined && !signer.knows(serial)) {
    throw new VendorError(400, 'PARAM_ERROR', 'Http头Wechatpay-Serial不是该商户可用的微信支付公钥ID');
  }
}

function requestId(): string {
  return randomBytes(16).toString('hex').toUpperCase();
}
