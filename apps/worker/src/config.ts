import { parseKeyRing, type KeyRing, type SmsApplication, type TencentSmsSettings } from '@yunshang/accounts';
import {
  parseSigningKey,
  parseVerifyingKeys,
  verifyingKeysOf,
  type SigningKey,
  type VerifyingKeys,
} from '@yunshang/audit';
import { QUERY_SCHEDULE_MS, type OrdersConfig, type WechatSettings } from '@yunshang/billing';
import type { CosSettings, LabelsConfig, ModerationConfig } from '@yunshang/pipeline';
import { z } from 'zod';
import type { WorkerConfig } from './app.ts';

const text = z.string().min(1);
const url = z.url();
const port = z.coerce.number().int().min(0).max(65_535);
const ms = z.coerce.number().int();
/** PEM in one variable: line breaks may be written `\n`. */
const pem = text
  .transform((value) => value.replaceAll('\\n', '\n'))
  .refine((value) => value.includes('-----BEGIN '), 'must be PEM text');
const ascending = z
  .string()
  .transform((value) => value.split(',').map((item) => Number(item.trim())))
  .refine(
    (items) => items.every((item, index) => Number.isSafeInteger(item) && item > (items[index - 1] ?? 0)),
    'must be whole milliseconds, ascending',
  );

/** Reads like `version:base64,…`; the first seals, all open. */
const keyRing = text.transform((value, ctx) => {
  try {
    return parseKeyRing('it', value);
  } catch (error) {
    ctx.addIssue(error instanceof Error ? error.message : 'can not be read');
    return z.NEVER;
  }
});
const auditKey = text.transform((value, ctx) => {
  try {
    return parseSigningKey(value);
  } catch (error) {
    ctx.addIssue(error instanceof Error ? error.message : 'can not be read');
    return z.NEVER;
  }
});
const publicKeys = text.transform((value, ctx) => {
  try {
    return parseVerifyingKeys(value);
  } catch (error) {
    ctx.addIssue(error instanceof Error ? error.message : 'can not be read');
    return z.NEVER;
  }
});
/** An hour of the day in Beijing, or `off`. */
const hourOrOff = z
  .union([z.literal('off'), z.coerce.number().int().min(0).max(23)], 'must be an hour from 0 to 23, or off')
  .transform((value) => (value === 'off' ? undefined : value));
const hosts = z.string().transform((value) => value.split(',').map((host) => host.trim()));

const environment = z.object({
  DATABASE_URL: url,
  DATABASE_CONNECTIONS: z.coerce.number().int().min(1).max(200).default(10),
  REDIS_URL: url,
  HOST: text.default('127.0.0.1'),
  METRICS_PORT: port.optional(),
  LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']).default('info'),
  LOG_FILE: text.optional(),
  WORKER_CONCURRENCY: z.coerce.number().int().min(1).max(256).default(4),
  OUTBOX_POLL_MS: ms.min(10).default(1_000),
  OUTBOX_VISIBILITY_MS: ms.min(100).default(60_000),
  TASK_LEASE_MS: ms.min(100).default(30_000),
  SHUTDOWN_GRACE_MS: ms.min(0).default(25_000),
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
  MODERATION_REVIEWED: z.enum(['accept', 'refuse']).default('refuse'),
  IMS_REGION: text.default('ap-guangzhou'),
  IMS_BIZ_TYPE: text.optional(),
  NOTICE_SMS: z.enum(['on', 'off']).default('off'),
  PHONE_KEYS: keyRing.optional(),
  SMS_SDK_APP_ID: text.optional(),
  SMS_SIGN_NAME: text.optional(),
  SMS_LOW_QUOTA_TEMPLATE_ID: text.optional(),
  SMS_PACKAGE_LOW: z.coerce.number().int().min(0).max(1_000_000_000).default(1_000),
  AIGC_PRODUCER: text.default('云裳 Yunshang'),
  FFMPEG_PATH: text.optional(),
  PROVIDER_KEYS: keyRing,
  PUBLIC_BASE_URL: url,
  RUNNINGHUB_BASE_URL: url.optional(),
  VENDOR_DEV_HOSTS: hosts.default([]),
  AUDIT_SIGNING_KEY: auditKey,
  AUDIT_FORMER_KEYS: publicKeys.optional(),
  AUDIT_ANCHOR_DIR: text.optional(),
  AUDIT_ANCHOR_BUCKET: text.optional(),
  AUDIT_ANCHOR_PREFIX: text.default('audit/anchors/'),
  AUDIT_ANCHOR_MS: ms.min(1_000).default(60_000),
  AUDIT_RETENTION_DAYS: z.coerce.number().int().min(1).max(36_500).default(3_650),
  AUDIT_VERIFY_HOUR: hourOrOff.default(4),
  ORDER_QUERY_SCHEDULE_MS: ascending.default([...QUERY_SCHEDULE_MS]),
  PAYMENT_WINDOW_MS: ms.min(1_000).default(1_800_000),
});
type Environment = z.infer<typeof environment>;

export type ProcessConfig = {
  host: string;
  /** undefined: no metrics are served. */
  metricsPort: number | undefined;
  databaseUrl: string;
  databaseConnections: number;
  log: { level: string; file: string | undefined };
  worker: WorkerConfig;
  taskLeaseMs: number;
  vendors: {
    keys: KeyRing;
    /** Where vendors and functions reach the server. */
    publicBaseUrl: string;
    runningHubUrl: string | undefined;
    /** `host:port` of vendors that may be spoken to in plain http; for development. */
    devHosts: readonly string[];
  };
  /** How long running jobs may take to end after SIGTERM. */
  shutdownGraceMs: number;
  wechat: WechatSettings;
  orders: OrdersConfig;
  cos: CosSettings;
  moderation: ModerationConfig | undefined;
  labels: LabelsConfig;
  /** What texts members about low quota; undefined: nobody is texted. */
  texts: { phoneKeys: KeyRing; sms: Omit<TencentSmsSettings, 'templateNamesMinutes'> } | undefined;
  /** The application that messages are sent by, and below how many left somebody is told; undefined: nobody asks about it. */
  smsAccount: { application: SmsApplication; lowMessages: number } | undefined;
  audit: {
    signingKey: SigningKey;
    /** Today's and the former. */
    keys: VerifyingKeys;
    anchorDir: string | undefined;
    bucket: string;
    prefix: string;
    retentionDays: number;
    anchorMs: number;
    /** Undefined: nobody proves the chain by the clock. */
    verifyHour: number | undefined;
  };
};

/** Storage and payment answer within this, or the job is delivered again; below every provider's own time limit. */
const VENDOR_TIMEOUT_MS = 15_000;

/** The worker's settings from the environment. Throws one error that names each variable that is missing or wrong. */
export function readConfig(env: Readonly<Record<string, string | undefined>> = process.env): ProcessConfig {
  const read = parse(env);
  return {
    host: read.HOST,
    metricsPort: read.METRICS_PORT,
    databaseUrl: read.DATABASE_URL,
    databaseConnections: read.DATABASE_CONNECTIONS,
    log: { level: read.LOG_LEVEL, file: read.LOG_FILE },
    worker: {
      redisUrl: read.REDIS_URL,
      concurrency: read.WORKER_CONCURRENCY,
      outboxPollMs: read.OUTBOX_POLL_MS,
      outboxVisibilityMs: read.OUTBOX_VISIBILITY_MS,
    },
    taskLeaseMs: read.TASK_LEASE_MS,
    vendors: {
      keys: read.PROVIDER_KEYS,
      publicBaseUrl: read.PUBLIC_BASE_URL,
      runningHubUrl: read.RUNNINGHUB_BASE_URL,
      devHosts: read.VENDOR_DEV_HOSTS,
    },
    shutdownGraceMs: read.SHUTDOWN_GRACE_MS,
    wechat: wechatOf(read),
    orders: { queryScheduleMs: read.ORDER_QUERY_SCHEDULE_MS, paymentWindowMs: read.PAYMENT_WINDOW_MS },
    cos: cosOf(read),
    moderation: moderationOf(read),
    audit: auditOf(read),
    texts: textsOf(read),
    smsAccount: smsAccountOf(read),
    labels: {
      producer: read.AIGC_PRODUCER,
      ...(read.FFMPEG_PATH === undefined ? {} : { ffmpegPath: read.FFMPEG_PATH }),
    },
  };
}

/** An empty variable counts as absent. The message never repeats a value. */
function parse(env: Readonly<Record<string, string | undefined>>): Environment {
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined && value !== ''));
  const parsed = environment.safeParse(given);
  if (parsed.success) return parsed.data;
  const lines = parsed.error.issues.map(({ path, message }) => {
    const name = String(path[0]);
    return `  ${name}: ${given[name] === undefined ? 'is missing' : message}`;
  });
  throw new Error(`The configuration can not be used:\n${[...new Set(lines)].join('\n')}`);
}

function auditOf(read: Environment): ProcessConfig['audit'] {
  return {
    signingKey: read.AUDIT_SIGNING_KEY,
    keys: verifyingKeysOf(read.AUDIT_SIGNING_KEY, read.AUDIT_FORMER_KEYS),
    anchorDir: read.AUDIT_ANCHOR_DIR,
    bucket: read.AUDIT_ANCHOR_BUCKET ?? read.COS_BUCKET,
    prefix: read.AUDIT_ANCHOR_PREFIX,
    retentionDays: read.AUDIT_RETENTION_DAYS,
    anchorMs: read.AUDIT_ANCHOR_MS,
    verifyHour: read.AUDIT_VERIFY_HOUR,
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

function textsOf(read: Environment): ProcessConfig['texts'] {
  if (read.NOTICE_SMS === 'off') return undefined;
  const given = {
    PHONE_KEYS: read.PHONE_KEYS,
    SMS_SDK_APP_ID: read.SMS_SDK_APP_ID,
    SMS_SIGN_NAME: read.SMS_SIGN_NAME,
    SMS_LOW_QUOTA_TEMPLATE_ID: read.SMS_LOW_QUOTA_TEMPLATE_ID,
  };
  const { PHONE_KEYS: phoneKeys, SMS_SDK_APP_ID: sdkAppId, SMS_SIGN_NAME: signName } = given;
  const { SMS_LOW_QUOTA_TEMPLATE_ID: templateId } = given;
  if (phoneKeys === undefined || sdkAppId === undefined || signName === undefined || templateId === undefined) {
    const missing = Object.entries(given).flatMap(([name, value]) =>
      value === undefined ? [`  ${name}: is missing`] : [],
    );
    throw new Error(`The configuration can not be used with NOTICE_SMS=on:\n${missing.join('\n')}`);
  }
  return {
    phoneKeys,
    sms: { ...smsApplicationOf(read, sdkAppId), signName, templateId },
  };
}

function smsAccountOf(read: Environment): ProcessConfig['smsAccount'] {
  if (read.SMS_SDK_APP_ID === undefined) return undefined;
  return { application: smsApplicationOf(read, read.SMS_SDK_APP_ID), lowMessages: read.SMS_PACKAGE_LOW };
}

function smsApplicationOf(read: Environment, sdkAppId: string): SmsApplication {
  return {
    secretId: read.TENCENT_SECRET_ID,
    secretKey: read.TENCENT_SECRET_KEY,
    region: 'ap-guangzhou',
    sdkAppId,
    timeoutSeconds: VENDOR_TIMEOUT_MS / 1000,
    ...(read.TENCENT_API_ENDPOINT === undefined ? {} : { endpoint: read.TENCENT_API_ENDPOINT }),
    ...(read.TENCENT_API_PROTOCOL === undefined ? {} : { protocol: read.TENCENT_API_PROTOCOL }),
  };
}
