import { assertKeysApart, type KeyRing, type SigningKeys } from './keys.ts';

/** At most `points` messages within `seconds`. */
export type Cap = { points: number; seconds: number };

export type SmsLimits = {
  codeTtlSeconds: number;
  /** Between two messages to one phone. */
  cooldownSeconds: number;
  /** To one phone within a day of Asia/Shanghai. */
  perDay: number;
  perIp: Cap;
  /** Per IPv4 /24 or IPv6 /64. */
  perPrefix: Cap;
  /** All messages together: what a flood may cost us. */
  global: Cap;
};

export const DEFAULT_SMS_LIMITS: SmsLimits = {
  codeTtlSeconds: 300,
  cooldownSeconds: 60,
  perDay: 10,
  perIp: { points: 30, seconds: 3_600 },
  perPrefix: { points: 120, seconds: 3_600 },
  global: { points: 3_000, seconds: 3_600 },
};

export type AccountsConfig = {
  phoneKeys: KeyRing;
  phoneIndexKey: Buffer;
  codeKey: Buffer;
  accessKeys: SigningKeys;
  refreshKeys: SigningKeys;
  accessTtlSeconds: number;
  /** A session ends this long after its last refresh. */
  refreshTtlDays: number;
  sms: SmsLimits;
};

export function assertSettings(config: AccountsConfig): void {
  assertKeysApart({
    phoneKeys: config.phoneKeys.map(({ key }) => key),
    phoneIndexKey: [config.phoneIndexKey],
    codeKey: [config.codeKey],
    accessKeys: config.accessKeys.map(({ secret }) => secret),
    refreshKeys: config.refreshKeys.map(({ secret }) => secret),
  });
}
