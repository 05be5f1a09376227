import {
  DEFAULT_SMS_LIMITS,
  parseKeyRing,
  parseSecret,
  parseSigningKeys,
  type AccountsConfig,
  type TencentSmsSettings,
} from '@yunshang/accounts';
import {
  QUERY_SCHEDULE_MS,
  type CodeKeys,
  type CompensationLimits,
  type OrdersConfig,
  type PromotionLimits,
  type RefundsConfig,
  type SignupGrant,
  type WechatSettings,
} from '@yunshang/billing';
import type { CallbacksDeps, CdnSettings, CosSettings, ModerationConfig, ProviderKeys } from '@yunshang/pipeline';
import { z } from 'zod';
import type { EdgeOptions } from './app.ts';
import type { CallLimitsConfig } from './http/call-limits.ts';

const text = z.string().min(1);
const url = z.url();
const port = z.coerce.number().int().min(0).max(65_535);
const list = z.string().transform((value) =>
  value
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== ''),
);
/** PEM in one variable: line breaks may be written `\n`. */
const pem = text
  .transform((value) => value.replaceAll('\\n', '\n'))
  .refine((value) => value.includes('-----BEGIN '), 'must be PEM text');
const milliseconds = list
  .transform((items) => items.map(Number))
  .refine(
    (items) => items.length > 0 && items.every((ms) => Number.isSafeInteger(ms) && ms > 0),
    'must be whole milliseconds, ascending',
  )
  .refine((items) => items.every((ms, index) => ms > (items[index - 1] ?? 0)), 'must be ascending');
/** What a key parser throws becomes the variable's issue. */
const parsedBy = <T>(read: (name: string, value: string) => T) =>
  text.transform((value, ctx) => {
    try {
      return read('it', value);
    } catch (error) {
      ctx.addIssue(error instanceof Error ? error.message : 'can not be read');
      return z.NEVER;
    }
  });
const proxies = list.refine(
  (items) => items.every((item) => item !== 'true' && !/^\d+$/.test(item)),
  'must list the addresses or networks of your own proxies (10.0.0.0/8,…): trusting anybody lets clients choose their address',
);

/** `id:secret`, or two while a secret is being replaced. */
const callbackKeys = list.transform((items, ctx): CallbacksDeps['keys'] => {
  const [first, second, ...more] = items.map((item) => {
    const [, id = '', secret = ''] = /^([\w.-]{1,32}):(.{32,})$/.exec(item) ?? [];
    return { id, secret };
  });
  const isWhole = [first, second].every((key) => key === undefined || key.id !== '');
  if (first !== undefined && more.length === 0 && isWhole) return second === undefined ? [first] : [first, second];
  ctx.addIssue('must be id:secret or id:secret,id:secret; secrets have 32 characters or more');
  return z.NEVER;
});

const environment = z.object({
  DATABASE_URL: url,
  DATABASE_CONNECTIONS: z.coerce.number().int().min(1).max(200).default(10),
  REDIS_URL: url,
  HOST: text.default('127.0.0.1'),
  PORT: port.default(3000),
  METRICS_PORT: port.optional(),
  PUBLIC_BASE_URL: url,
  CORS_ORIGINS: list.default([]),
  TRUST_PROXY: proxies.default([]),
  LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']).default('info'),
  LOG_FILE: text.optional(),
  RATE_LIMIT_PER_ADDRESS: z.coerce.number().int().positive().default(6_000),
  RATE_LIMIT_PER_CALLER: z.coerce.number().int().positive().default(600),
  ACCESS_TOKEN_KEYS: parsedBy(parseSigningKeys),
  REFRESH_TOKEN_KEYS: parsedBy(parseSigningKeys),
  ACCESS_TTL_SECONDS: z.coerce.number().int().min(10).max(86_400).default(900),
  REFRESH_TTL_DAYS: z.coerce.number().int().min(1).max(365).default(30),
  PHONE_KEYS: parsedBy(parseKeyRing),
  PHONE_INDEX_KEY: parsedBy(parseSecret),
  PROVIDER_KEYS: parsedBy(parseKeyRing),
  VENDOR_DEV_HOSTS: list.default([]),
  CALLBACK_KEYS: callbackKeys,
  SMS_CODE_KEY: parsedBy(parseSecret),
  REDEMPTION_CODE_KEYS: parsedBy(parseSigningKeys),
  SIGNUP_QUOTA: z.coerce.number().int().min(0).max(10_000).default(0),
  SIGNUP_DAYS: z.coerce.number().int().min(1).max(1_096).default(30),
  PROMOTION_ALONE_QUOTA: z.coerce.number().int().min(0).default(10_000),
  COMPENSATION_ALONE_PER_MEMBER: z.coerce.number().int().min(0).default(50),
  COMPENSATION_ALONE_PER_DAY: z.coerce.number().int().min(0).default(500),
  WECHAT_MCHID: text,
  WECHAT_APPID: text,
  WECHAT_MERCHANT_SERIAL: text,
  WECHAT_MERCHANT_PRIVATE_KEY: pem,
  WECHAT_MERCHANT_CERT: pem,
  WECHAT_API_V3_KEY: z.string().length(32, 'must be 32 characters'),
  WECHAT_PLATFORM_KEY_ID: text,
  WECHAT_PLATFORM_PUBLIC_KEY: pem,
  WECHAT_BASE_URL: url.optional(),
  WECHAT_NOTIFY_URL: url,
  TENCENT_SECRET_ID: text,
  TENCENT_SECRET_KEY: text,
  TENCENT_API_ENDPOINT: text.optional(),
  TENCENT_API_PROTOCOL: z.enum(['http://', 'https://']).optional(),
  COS_BUCKET: text,
  COS_REGION: text,
  COS_DOMAIN: text.optional(),
  COS_PROTOCOL: z.enum(['http:', 'https:']).optional(),
  MODERATION: z.enum(['on', 'off']).default('on'),
  FFMPEG_PATH: text.optional(),
  MODERATION_REVIEWED: z.enum(['accept', 'refuse']).default('refuse'),
  IMS_REGION: text.default('ap-guangzhou'),
  IMS_BIZ_TYPE: text.optional(),
  CDN_BASE_URL: url.optional(),
  CDN_SIGNING: z.enum(['A', 'D']).optional(),
  CDN_KEY: z
    .string()
    .regex(/^[A-Za-z0-9]{6,40}$/, 'must be 6 to 40 letters and digits')
    .optional(),
  CDN_TTL_SECONDS: z.coerce.number().int().min(30).max(86_400).default(600),
  SMS_SDK_APP_ID: text,
  SMS_SIGN_NAME: text,
  SMS_TEMPLATE_ID: text,
  ORDER_QUERY_SCHEDULE_MS: milliseconds.default([...QUERY_SCHEDULE_MS]),
  PAYMENT_WINDOW_MS: z.coerce.number().int().min(1_000).default(1_800_000),
  REFUND_APPROVAL_ABOVE_FEN: z.coerce.number().int().min(0).default(20_000),
});
type Environment = z.infer<typeof environment>;

export type ServerConfig = {
  host: string;
  port: number;
  metricsPort: number | undefined;
  databaseUrl: string;
  databaseConnections: number;
  redisUrl: string;
  log: { level: string; file: string | undefined };
  edge: EdgeOptions;
  limits: CallLimitsConfig;
  accounts: AccountsConfig;
  sms: TencentSmsSettings;
  wechat: WechatSettings;
  orders: OrdersConfig;
  refunds: RefundsConfig;
  /** What a new account begins with. */
  signup: SignupGrant;
  /** What one person may put out alone; more takes a second. */
  promotions: PromotionLimits;
  compensations: CompensationLimits;
  codeKeys: CodeKeys;
  cos: CosSettings;
  moderation: ModerationConfig | undefined;
  /** Takes pictures out of members' films for the moderator; the one found on this machine when absent. */
  ffmpegPath: string | undefined;
  cdn: CdnSettings | undefined;
  /** Seal the credentials of providers and the addresses of alert targets. */
  providerKeys: ProviderKeys;
  /** `host:port` that alerts may be told to in plain http; for development. */
  devHosts: readonly string[];
  /** Prove the callbacks of cloud functions. */
  callbackKeys: CallbacksDeps['keys'];
};

/** Vendors are called with these limits; a sign-in or an order waits no longer. */
const VENDOR_TIMEOUT_MS = 10_000;

/** The server's settings from the environment. Throws one error that names each variable that is missing or wrong. */
export function readConfig(env: Readonly<Record<string, string | undefined>> = process.env): ServerConfig {
  const read = parse(environment, env);
  return {
    host: read.HOST,
    port: read.PORT,
    metricsPort: read.METRICS_PORT,
    databaseUrl: read.DATABASE_URL,
    databaseConnections: read.DATABASE_CONNECTIONS,
    redisUrl: read.REDIS_URL,
    log: { level: read.LOG_LEVEL, file: read.LOG_FILE },
    edge: { publicBaseUrl: read.PUBLIC_BASE_URL, corsOrigins: read.CORS_ORIGINS, trustProxy: read.TRUST_PROXY },
    limits: { perAddress: read.RATE_LIMIT_PER_ADDRESS, perCaller: read.RATE_LIMIT_PER_CALLER },
    accounts: accountsOf(read),
    sms: smsOf(read),
    wechat: wechatOf(read),
    orders: { queryScheduleMs: read.ORDER_QUERY_SCHEDULE_MS, paymentWindowMs: read.PAYMENT_WINDOW_MS },
    refunds: { approvalAboveFen: read.REFUND_APPROVAL_ABOVE_FEN },
    signup: { quota: read.SIGNUP_QUOTA, days: read.SIGNUP_DAYS },
    promotions: { aloneQuota: read.PROMOTION_ALONE_QUOTA },
    compensations: {
      perMember: read.COMPENSATION_ALONE_PER_MEMBER,
      perDay: read.COMPENSATION_ALONE_PER_DAY,
    },
    codeKeys: codeKeysOf(read),
    cos: cosOf(read),
    moderation: moderationOf(read),
    ffmpegPath: read.FFMPEG_PATH,
    cdn: cdnOf(read),
    providerKeys: read.PROVIDER_KEYS,
    devHosts: read.VENDOR_DEV_HOSTS,
    callbackKeys: read.CALLBACK_KEYS,
  };
}

const adminEnvironment = environment.pick({ DATABASE_URL: true, PHONE_KEYS: true, PHONE_INDEX_KEY: true });

/** What making an admin needs, and no more. */
export function readAdminConfig(env: Readonly<Record<string, string | undefined>> = process.env) {
  const read = parse(adminEnvironment, env);
  return {
    databaseUrl: read.DATABASE_URL,
    accounts: { phoneKeys: read.PHONE_KEYS, phoneIndexKey: read.PHONE_INDEX_KEY },
  };
}

/** An empty variable counts as absent. The message never repeats a value. */
function parse<T extends z.ZodType>(schema: T, env: Readonly<Record<string, string | undefined>>): z.infer<T> {
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined && value !== ''));
  const parsed = schema.safeParse(given);
  if (parsed.success) return parsed.data;
  const lines = parsed.error.issues.map(({ path, message, code }) => {
    const name = String(path[0]);
    return `  ${name}: ${given[name] === undefined && code === 'invalid_type' ? 'is missing' : message}`;
  });
  throw new Error(`The configuration can not be used:\n${[...new Set(lines)].join('\n')}`);
}

function accountsOf(read: Environment): AccountsConfig {
  return {
    phoneKeys: read.PHONE_KEYS,
    phoneIndexKey: read.PHONE_INDEX_KEY,
    codeKey: read.SMS_CODE_KEY,
    accessKeys: read.ACCESS_TOKEN_KEYS,
    refreshKeys: read.REFRESH_TOKEN_KEYS,
    accessTtlSeconds: read.ACCESS_TTL_SECONDS,
    refreshTtlDays: read.REFRESH_TTL_DAYS,
    sms: DEFAULT_SMS_LIMITS,
  };
}

function codeKeysOf({ REDEMPTION_CODE_KEYS: [first, ...others] }: Environment): CodeKeys {
  return [first.secret, ...others.map(({ secret }) => secret)];
}

function smsOf(read: Environment): TencentSmsSettings {
  return {
    secretId: read.TENCENT_SECRET_ID,
    secretKey: read.TENCENT_SECRET_KEY,
    region: 'ap-guangzhou',
    sdkAppId: read.SMS_SDK_APP_ID,
    signName: read.SMS_SIGN_NAME,
    templateId: read.SMS_TEMPLATE_ID,
    timeoutSeconds: VENDOR_TIMEOUT_MS / 1000,
    ...(read.TENCENT_API_ENDPOINT === undefined ? {} : { endpoint: read.TENCENT_API_ENDPOINT }),
    ...(read.TENCENT_API_PROTOCOL === undefined ? {} : { protocol: read.TENCENT_API_PROTOCOL }),
  };
}

function wechatOf(read: Environment): WechatSettings {
  return {
    mchid: read.WECHAT_MCHID,
    appid: read.WECHAT_APPID,
    merchantSerial: read.WECHAT_MERCHANT_SERIAL,
    merchantPrivateKeyPem: read.WECHAT_MERCHANT_PRIVATE_KEY,
    merchantCertPem: read.WECHAT_MERCHANT_CERT,
    apiV3Key: read.WECHAT_API_V3_KEY,
    platformKeys: { [read.WECHAT_PLATFORM_KEY_ID]: read.WECHAT_PLATFORM_PUBLIC_KEY },
    notifyUrl: read.WECHAT_NOTIFY_URL,
    timeoutMs: VENDOR_TIMEOUT_MS,
    ...(read.WECHAT_BASE_URL === undefined ? {} : { baseUrl: read.WECHAT_BASE_URL }),
  };
}

function cosOf(read: Environment): CosSettings {
  return {
    secretId: read.TENCENT_SECRET_ID,
    secretKey: read.TENCENT_SECRET_KEY,
    bucket: read.COS_BUCKET,
    region: read.COS_REGION,
    timeoutMs: VENDOR_TIMEOUT_MS,
    ...(read.COS_DOMAIN === undefined ? {} : { domain: read.COS_DOMAIN }),
    ...(read.COS_PROTOCOL === undefined ? {} : { protocol: read.COS_PROTOCOL }),
    ...(read.TENCENT_API_ENDPOINT === undefined ? {} : { apiEndpoint: read.TENCENT_API_ENDPOINT }),
    ...(read.TENCENT_API_PROTOCOL === undefined ? {} : { apiProtocol: read.TENCENT_API_PROTOCOL }),
  };
}

/** Undefined: pictures are not looked at. */
function moderationOf(read: Environment): ModerationConfig | undefined {
  if (read.MODERATION === 'off') return undefined;
  return {
    reviewed: read.MODERATION_REVIEWED,
    ims: {
      secretId: read.TENCENT_SECRET_ID,
      secretKey: read.TENCENT_SECRET_KEY,
      region: read.IMS_REGION,
      timeoutMs: VENDOR_TIMEOUT_MS,
      ...(read.IMS_BIZ_TYPE === undefined ? {} : { bizType: read.IMS_BIZ_TYPE }),
      ...(read.TENCENT_API_ENDPOINT === undefined ? {} : { apiEndpoint: read.TENCENT_API_ENDPOINT }),
      ...(read.TENCENT_API_PROTOCOL === undefined ? {} : { apiProtocol: read.TENCENT_API_PROTOCOL }),
    },
  };
}

/** Undefined: downloads come from the bucket itself. */
function cdnOf(read: Environment): CdnSettings | undefined {
  const { CDN_BASE_URL: baseUrl, CDN_SIGNING: signing, CDN_KEY: key } = read;
  if (baseUrl === undefined && signing === undefined && key === undefined) return undefined;
  if (baseUrl === undefined || signing === undefined || key === undefined)
    throw new Error('The configuration can not be used:\n  CDN_BASE_URL, CDN_SIGNING, CDN_KEY: all or none');
  return { baseUrl, signing, key, ttlSeconds: read.CDN_TTL_SECONDS };
}
