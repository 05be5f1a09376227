export { createAccounts, SESSION_CACHE_MS, type Accounts, type AccountsDeps } from './accounts.ts';
export { DEFAULT_SMS_LIMITS, type AccountsConfig, type Cap, type SmsLimits } from './account-settings.ts';
export {
  parseKeyRing,
  parseSecret,
  parseSigningKeys,
  type KeyRing,
  type SigningKey,
  type SigningKeys,
  type VersionedKey,
} from './keys.ts';
export type { Caller } from './sessions/authenticate.ts';
export type { Profile } from './users/profile.ts';
export { networkOf } from './codes/sending-caps.ts';
export type { CodeRequested } from './codes/request-code.ts';
export type { SmsGateway, SmsOutcome } from './codes/sms.gateway.ts';
export { tencentSmsGateway, tencentTextGateway, type TencentSmsSettings } from './codes/tencent-sms.gateway.ts';
export { tencentSmsAccount, type SmsAccount } from './codes/tencent-sms-account.ts';
export type { SmsApplication } from './codes/tencent-sms-client.ts';
export { createMemberTexts, type MemberTexts, type TextGateway } from './texts/member-texts.ts';
export { makeAdmin, type MakeAdminDeps } from './users/make-admin.ts';
export { sweepAccounts } from './sessions/sweep.ts';
