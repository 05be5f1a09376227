import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { VendorError } from '../vendor-call.ts';

const TOLERANCE_S = 300;
const AUTHORIZATION =
  /^TC3-HMAC-SHA256 Credential=([^/,\s]+)\/(\d{4}-\d{2}-\d{2})\/([^/,]+)\/tc3_request, ?SignedHeaders=([a-z0-9;-]+), ?Signature=([0-9a-f]{64})$/;

export type Tc3Request = {
  /** Lower-case names. */
  headers: Readonly<Record<string, string | undefined>>;
  body: Buffer;
};

/**
 * Verifies TC3-HMAC-SHA256 as the vendor does. The service is taken from the credential's scope and the host is signed
 * without its port: pointed at a local address, the SDKs sign the first label of the host as the service.
 */
export function verifyTc3(request: Tc3Request, credentials: { secretId: string; secretKey: string }, now: Date): void {
  const match = AUTHORIZATION.exec(request.headers['authorization'] ?? '');
  const [, secretId = '', date = '', service = '', signedHeaders = '', signature = ''] = match ?? [];
  if (match === null) throw authFailure('SignatureFailure', 'The Authorization header is missing or malformed.');
  const timestamp = Number(request.headers['x-tc-timestamp']);
  const offByS = Math.abs(now.getTime() / 1000 - timestamp);
  if (!(offByS <= TOLERANCE_S) || new Date(timestamp * 1000).toISOString().slice(0, 10) !== date) {
    throw authFailure('SignatureExpire', 'Signature expired: the timestamp differs from the server time.');
  }
  if (secretId !== credentials.secretId) throw authFailure('SecretIdNotFound', 'The SecretId is not found.');
  const names = signedHeaders.split(';');
  if (!names.includes('host') || !names.includes('content-type')) {
    throw authFailure('SignatureFailure', 'SignedHeaders must include content-type and host.');
  }
  const expected = sign({ request, names, scope: { date, service }, timestamp }, credentials.secretKey);
  if (!timingSafeEqual(Buffer.from(expected, 'hex'), Buffer.from(signature, 'hex'))) {
    throw authFailure(
      'SignatureFailure',
      'The provided credentials could not be validated. Please check your signature.',
    );
  }
}

type Signing = {
  request: Tc3Request;
  names: string[];
  scope: { date: string; service: string };
  timestamp: number;
};

function sign({ request, names, scope, timestamp }: Signing, secretKey: string): string {
  const headers = names.map((name) => `${name}:${canonicalValue(request, name)}\n`).join('');
  const canonical = ['POST', '/', '', headers, names.join(';'), sha256(request.body)].join('\n');
  const credentialScope = `${scope.date}/${scope.service}/tc3_request`;
  const text = ['TC3-HMAC-SHA256', String(timestamp), credentialScope, sha256(canonical)].join('\n');
  const dayKey = hmac(`TC3${secretKey}`, scope.date);
  const signingKey = hmac(hmac(dayKey, scope.service), 'tc3_request');
  return createHmac('sha256', signingKey).update(text).digest('hex');
}

function canonicalValue(request: Tc3Request, name: string): string {
  const value = (request.headers[name] ?? '').trim();
  return name === 'host' ? value.replace(/:\d+$/, '') : value.toLowerCase();
}

function hmac(key: string | Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest();
}

function sha256(data: string | Buffer): string {
  return createHash('sha256').update(data).digest('hex');
}

function authFailure(code: string, message: string): VendorError {
  return new VendorError(200, `AuthFailure.${code}`, message);
}
