import { randomBytes } from 'node:crypto';
import type { Policy } from './policy.ts';

export type TemporaryKey = {
  secretId: string;
  secretKey: string;
  token: string;
  policy: Policy;
  expiresAt: Date;
};

export type TemporaryKeys = {
  issue(policy: Policy, expiresAt: Date): TemporaryKey;
  find(secretId: string): TemporaryKey | undefined;
};

export function createTemporaryKeys(): TemporaryKeys {
  const keys = new Map<string, TemporaryKey>();
  return {
    issue(policy, expiresAt) {
      const key = {
        secretId: `AKID${randomBytes(32).toString('base64url')}`,
        secretKey: randomBytes(32).toString('base64'),
        token: randomBytes(96).toString('base64url'),
        policy,
        expiresAt,
      };
      keys.set(key.secretId, key);
      return key;
    },
    find: (secretId) => keys.get(secretId),
  };
}
