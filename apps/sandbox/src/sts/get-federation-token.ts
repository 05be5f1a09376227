import { z } from 'zod';
import type { TencentAction } from '../tencent/api.routes.ts';
import { VendorError } from '../vendor-call.ts';
import { parsePolicy } from './policy.ts';
import type { TemporaryKeys } from './temporary-keys.ts';

const DEFAULT_DURATION_S = 1_800;
/** The limit for the keys of a sub-account; the root account's is 7 200. */
const MAX_DURATION_S = 129_600;

const params = z.object({
  Name: z.string().min(1).max(128),
  Policy: z.string().min(1),
  DurationSeconds: z.number().int().positive().default(DEFAULT_DURATION_S),
});

/** GetFederationToken of 2018-08-13: temporary keys that carry the given policy. */
export function getFederationTokenAction(deps: { keys: TemporaryKeys; now: () => Date }): TencentAction {
  return {
    vendor: 'sts',
    action: 'GetFederationToken',
    version: '2018-08-13',
    needsRegion: true,
    idsOf: (raw) => (typeof raw['Name'] === 'string' ? { name: raw['Name'] } : {}),
    perform(raw) {
      const parsed = params.safeParse(raw);
      if (!parsed.success) {
        const field = parsed.error.issues[0]?.path.join('.') ?? '';
        throw refusal('ParamError', `parameter ${field} is missing or wrong`);
      }
      const { DurationSeconds } = parsed.data;
      if (DurationSeconds > MAX_DURATION_S) throw refusal('OverTimeError', 'the duration is too long');
      const read = parsePolicy(decoded(parsed.data.Policy));
      if (!read.ok) throw refusal('StrategyFormatError', read.reason);
      const expiresAt = new Date(deps.now().getTime() + DurationSeconds * 1000);
      const key = deps.keys.issue(read.policy, expiresAt);
      return {
        Credentials: { Token: key.token, TmpSecretId: key.secretId, TmpSecretKey: key.secretKey },
        ExpiredTime: Math.floor(expiresAt.getTime() / 1000),
        Expiration: `${expiresAt.toISOString().slice(0, 19)}Z`,
      };
    },
  };
}

/** The policy travels URL-encoded. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw refusal('StrategyFormatError', 'policy is not URL-encoded');
  }
}

function refusal(code: string, message: string): VendorError {
  return new VendorError(200, `InvalidParameter.${code}`, message);
}
