import path from 'node:path';
import { z } from 'zod';

const PUBLIC_KEY_ID = /^PUB_KEY_ID_\d+$/;

/** 19 digits: more than a double holds. */
const runninghubId = z.string().regex(/^[1-9]\d{18}$/);
const runninghubKey = z.string().regex(/^[0-9a-f]{32}$/);

const environment = z.object({
  PORT: z.coerce.number().int().min(0).max(65_535).default(4600),
  SANDBOX_HOST: z.string().min(1).default('127.0.0.1'),
  SANDBOX_TIME_SCALE: z.coerce.number().positive().max(1).default(1),
  SANDBOX_NOTIFY_TIMEOUT_MS: z.coerce.number().int().positive().default(5_000),
  SANDBOX_WECHAT_MCHID: z.string().regex(/^\d{8,32}$/),
  SANDBOX_WECHAT_APPID: z.string().min(1),
  SANDBOX_WECHAT_API_V3_KEY: z.string().refine((key) => Buffer.byteLength(key) === 32, 'must be 32 bytes'),
  SANDBOX_WECHAT_MERCHANT_SERIAL: z.string().regex(/^[0-9A-Fa-f]{8,40}$/),
  SANDBOX_WECHAT_MERCHANT_CERT_PEM: z.string().includes('-----BEGIN'),
  SANDBOX_WECHAT_PLATFORM_PRIVATE_KEY_PEM: z.string().includes('-----BEGIN'),
  SANDBOX_WECHAT_PLATFORM_PUBLIC_KEY_ID: z.string().regex(PUBLIC_KEY_ID),
  SANDBOX_TENCENT_SECRET_ID: z.string().min(8),
  SANDBOX_TENCENT_SECRET_KEY: z.string().min(8),
  SANDBOX_COS_BUCKET: z.string().regex(/^[a-z0-9][a-z0-9-]*-\d+$/),
  SANDBOX_COS_REGION: z.string().min(1),
  SANDBOX_SMS_SDK_APP_ID: z.string().regex(/^\d+$/),
  SANDBOX_SMS_SIGN_NAME: z.string().min(1),
  SANDBOX_SMS_TEMPLATE_ID: z.string().regex(/^\d+$/),
  SANDBOX_SMS_NOTICE_TEMPLATE_ID: z.string().regex(/^\d+$/),
  SANDBOX_RUNNINGHUB_KEY_A: runninghubKey,
  SANDBOX_RUNNINGHUB_KEY_B: runninghubKey,
  SANDBOX_RUNNINGHUB_POSE_WORKFLOW_A: runninghubId,
  SANDBOX_RUNNINGHUB_POSE_WORKFLOW_B: runninghubId,
  SANDBOX_RUNNINGHUB_VIDEO_WORKFLOW_A: runninghubId,
  SANDBOX_RUNNINGHUB_VIDEO_WORKFLOW_B: runninghubId,
  SANDBOX_RUNNINGHUB_UNSAVED_WORKFLOW: runninghubId,
  SANDBOX_RUNNINGHUB_POSE_WEBAPP: runninghubId,
  SANDBOX_RUNNINGHUB_VIDEO_WEBAPP: runninghubId,
  SANDBOX_RUNNINGHUB_WORK_MS: z.coerce.number().int().nonnegative().default(300_000),
  SANDBOX_RUNNINGHUB_CONCURRENCY: z.coerce.number().int().positive().default(50),
  SANDBOX_CALLBACK_KEYS: z.string().regex(/^[\w.-]{1,32}:.{32,}$/),
  SANDBOX_FUNCTIONS_DIR: z
    .string()
    .min(1)
    .default(path.resolve(import.meta.dirname, '../../../functions')),
  PATH: z.string().default(''),
  SANDBOX_FUNCTION_TIMEOUT_MS: z.coerce.number().int().positive().max(900_000).default(300_000),
  SANDBOX_FUNCTION_CONCURRENCY: z.coerce.number().int().positive().default(4),
  SANDBOX_SMS_TEMPLATE_TEXT: z.string().min(1).default('您的登录验证码是{1}，请勿泄露给他人。'),
  SANDBOX_SMS_NOTICE_TEMPLATE_TEXT: z
    .string()
    .min(1)
    .default('您的剩余配额为{1}，为避免影响使用，请及时续费或升级套餐。'),
});

/** Approved by the vendor: a `code` takes digits alone, a `notice` up to twelve characters each. */
export type SmsTemplate = { id: string; text: string; kind: 'code' | 'notice' };

export type SandboxConfig = {
  port: number;
  host: string;
  /** Multiplies every pause of the vendors' notification schedules: 0.001 turns 15 s into 15 ms. */
  timeScale: number;
  /** How long a notification waits for its answer; not scaled. */
  notifyTimeoutMs: number;
  wechat: {
    mchid: string;
    appid: string;
    apiV3Key: string;
    merchantSerial: string;
    /** The merchant's X.509 certificate, or its bare public key. */
    merchantCertPem: string;
    platformPrivateKeyPem: string;
    platformPublicKeyId: string;
  };
  tencent: { secretId: string; secretKey: string };
  cos: { bucket: string; region: string };
  sms: { sdkAppId: string; signName: string; templates: SmsTemplate[] };
  runninghub: RunningHubConfig;
  functions: {
    /** Holds a folder for each function. */
    folder: string;
    /** What every function signs its callbacks with: `id:secret`, or two of them with a comma between. */
    callbackKeys: string;
    timeoutMs: number;
    /** Where functions look for programs. */
    searchPath: string;
    /** Runs at once; others wait. */
    concurrency: number;
  };
};

export type RunningHubAccountConfig = { name: 'a' | 'b'; key: string; poseWorkflowId: string; videoWorkflowId: string };

export type RunningHubConfig = {
  /** A workflow belongs to one account; the apps are open to both. */
  accounts: RunningHubAccountConfig[];
  unsavedWorkflowId: string;
  poseWebappId: string;
  videoWebappId: string;
  /** How long a task takes from its creation; `timeScale` multiplies it. */
  workMs: number;
  /** Unfinished tasks an account may have at once. */
  concurrency: number;
};

/** Names of the variables that carry the vendor side's secrets: all of them or none of them are given. */
const CREDENTIAL_PREFIXES = ['SANDBOX_WECHAT_', 'SANDBOX_TENCENT_'];

/** Reads and checks the configuration; throws an Error naming every wrong variable, never a value. */
export function readConfig(env: Readonly<Record<string, string | undefined>>): SandboxConfig {
  const parsed = environment.safeParse(env);
  if (!parsed.success) {
    const lines = parsed.error.issues.map((issue) => `  ${issue.path.join('.')}: ${issue.message}`);
    throw new Error(`sandbox configuration is wrong:\n${lines.join('\n')}`);
  }
  const e = parsed.data;
  return {
    port: e.PORT,
    host: e.SANDBOX_HOST,
    timeScale: e.SANDBOX_TIME_SCALE,
    notifyTimeoutMs: e.SANDBOX_NOTIFY_TIMEOUT_MS,
    wechat: {
      mchid: e.SANDBOX_WECHAT_MCHID,
      appid: e.SANDBOX_WECHAT_APPID,
      apiV3Key: e.SANDBOX_WECHAT_API_V3_KEY,
      merchantSerial: e.SANDBOX_WECHAT_MERCHANT_SERIAL.toUpperCase(),
      merchantCertPem: e.SANDBOX_WECHAT_MERCHANT_CERT_PEM,
      platformPrivateKeyPem: e.SANDBOX_WECHAT_PLATFORM_PRIVATE_KEY_PEM,
      platformPublicKeyId: e.SANDBOX_WECHAT_PLATFORM_PUBLIC_KEY_ID,
    },
    tencent: { secretId: e.SANDBOX_TENCENT_SECRET_ID, secretKey: e.SANDBOX_TENCENT_SECRET_KEY },
    cos: { bucket: e.SANDBOX_COS_BUCKET, region: e.SANDBOX_COS_REGION },
    sms: {
      sdkAppId: e.SANDBOX_SMS_SDK_APP_ID,
      signName: e.SANDBOX_SMS_SIGN_NAME,
      templates: [
        { id: e.SANDBOX_SMS_TEMPLATE_ID, text: e.SANDBOX_SMS_TEMPLATE_TEXT, kind: 'code' },
        { id: e.SANDBOX_SMS_NOTICE_TEMPLATE_ID, text: e.SANDBOX_SMS_NOTICE_TEMPLATE_TEXT, kind: 'notice' },
      ],
    },
    runninghub: runninghubOf(e),
    functions: {
      folder: e.SANDBOX_FUNCTIONS_DIR,
      callbackKeys: e.SANDBOX_CALLBACK_KEYS,
      timeoutMs: e.SANDBOX_FUNCTION_TIMEOUT_MS,
      searchPath: e.PATH,
      concurrency: e.SANDBOX_FUNCTION_CONCURRENCY,
    },
  };
}

function runninghubOf(e: z.output<typeof environment>): RunningHubConfig {
  return {
    accounts: [
      {
        name: 'a',
        key: e.SANDBOX_RUNNINGHUB_KEY_A,
        poseWorkflowId: e.SANDBOX_RUNNINGHUB_POSE_WORKFLOW_A,
        videoWorkflowId: e.SANDBOX_RUNNINGHUB_VIDEO_WORKFLOW_A,
      },
      {
        name: 'b',
        key: e.SANDBOX_RUNNINGHUB_KEY_B,
        poseWorkflowId: e.SANDBOX_RUNNINGHUB_POSE_WORKFLOW_B,
        videoWorkflowId: e.SANDBOX_RUNNINGHUB_VIDEO_WORKFLOW_B,
      },
    ],
    unsavedWorkflowId: e.SANDBOX_RUNNINGHUB_UNSAVED_WORKFLOW,
    poseWebappId: e.SANDBOX_RUNNINGHUB_POSE_WEBAPP,
    videoWebappId: e.SANDBOX_RUNNINGHUB_VIDEO_WEBAPP,
    workMs: e.SANDBOX_RUNNINGHUB_WORK_MS,
    concurrency: e.SANDBOX_RUNNINGHUB_CONCURRENCY,
  };
}

/** The process' own environment, with what the main file needs to know before there is a configuration. */
export function processEnvironment(): {
  variables: Readonly<Record<string, string | undefined>>;
  hasCredentials: boolean;
  credentialsFile: string | undefined;
  exitWithStdin: boolean;
} {
  const variables = process.env;
  return {
    variables,
    hasCredentials: Object.keys(variables).some((name) => CREDENTIAL_PREFIXES.some((p) => name.startsWith(p))),
    credentialsFile: variables.SANDBOX_CREDENTIALS_FILE,
    exitWithStdin: variables.SANDBOX_EXIT_WITH_STDIN === '1',
  };
}

/** The sandbox accepts payments that nobody makes: it must never run where real members are. */
export function assertNotProduction(): void {
  if (process.env.NODE_ENV === 'production') {
    throw new Error(
      '沙箱不能在生产环境（NODE_ENV=production）中启动。The sandbox refuses to start with NODE_ENV=production.',
    );
  }
}
