import type { SandboxConfig } from '../config.ts';
import { isAllowed, type Wish } from '../sts/policy.ts';
import type { TemporaryKey, TemporaryKeys } from '../sts/temporary-keys.ts';
import { VendorError } from '../vendor-call.ts';
import { queryValue, type CosRequest } from './cos-request.ts';
import { isSignedWith, readAuthorization } from './cos-signature.ts';

const EARLY_TOLERANCE_S = 900;
const TOKEN = 'x-cos-security-token';

/** One thing a call does: an action on a key, or on a listing's prefix. */
export type Permission = { action: string; key: string };

type Deps = { config: SandboxConfig; keys: TemporaryKeys; now: () => Date };

/** Throws unless the request is signed by a known key, in time, and allowed everything it wants. */
export function authorizeCos(deps: Deps, request: CosRequest, permissions: Permission[]): void {
  const authorization = readAuthorization(request);
  if (authorization === undefined) throw denied('Access Denied.');
  if (authorization === 'malformed') throw new VendorError(400, 'InvalidRequest', 'The Authorization is malformed.');
  const key = keyOf(deps, request, authorization.accessKeyId);
  const nowS = Math.floor(deps.now().getTime() / 1000);
  if (nowS > authorization.signTime.end) throw denied('Request has expired');
  if (authorization.signTime.start > nowS + EARLY_TOLERANCE_S) {
    throw new VendorError(
      403,
      'RequestTimeTooSkewed',
      'The difference between the request time and the server time is too large.',
    );
  }
  if (!isSignedWith(request, authorization, key.secretKey)) {
    throw new VendorError(403, 'SignatureDoesNotMatch', 'The Signature you specified is invalid.');
  }
  if (key.temporary === undefined) return;
  if (deps.now() >= key.temporary.expiresAt) throw denied('The security token has expired.');
  for (const permission of permissions) {
    const wish = wishOf(deps.config, request, permission);
    if (!isAllowed(key.temporary.policy, wish)) throw denied('Access Denied.');
  }
}

type CallerKey = { secretKey: string; temporary?: TemporaryKey };

/** A temporary key counts only together with its token. */
function keyOf({ config, keys }: Deps, request: CosRequest, accessKeyId: string): CallerKey {
  if (accessKeyId === config.tencent.secretId) return { secretKey: config.tencent.secretKey };
  const temporary = keys.find(accessKeyId);
  const token = request.headers[TOKEN] ?? queryValue(request, TOKEN);
  if (temporary === undefined || token !== temporary.token) {
    throw new VendorError(403, 'InvalidAccessKeyId', 'The Access Key Id you provided does not exist in our records.');
  }
  return { secretKey: temporary.secretKey, temporary };
}

function wishOf({ cos }: SandboxConfig, request: CosRequest, { action, key }: Permission): Wish {
  const appId = cos.bucket.slice(cos.bucket.lastIndexOf('-') + 1);
  const context: Wish['context'] = {};
  const { 'content-length': length, 'content-type': type } = request.headers;
  if (length !== undefined) context['cos:content-length'] = Number(length);
  if (type !== undefined) context['cos:content-type'] = type;
  for (const name of ['prefix', 'delimiter', 'max-keys'] as const) {
    const value = queryValue(request, name);
    if (value !== undefined) context[`cos:${name}`] = value;
  }
  return { action, resource: `qcs::cos:${cos.region}:uid/${appId}:${cos.bucket}/${key}`, context };
}

function denied(message: string): VendorError {
  return new VendorError(403, 'AccessDenied', message);
}
