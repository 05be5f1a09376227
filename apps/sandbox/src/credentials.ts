import { generateKeyPair, randomBytes, randomInt, X509Certificate } from 'node:crypto';
import { promisify } from 'node:util';
import { generate } from 'selfsigned';

const makeKeyPair = promisify(generateKeyPair);
const CERTIFICATE_DAYS = 5 * 365;

/** What a client of the vendors holds. `merchantSerial` is upper-case hex; the platform key is WeChat Pay's public key. */
export type ClientCredentials = {
  mchid: string;
  appid: string;
  merchantSerial: string;
  merchantPrivateKeyPem: string;
  merchantCertPem: string;
  apiV3Key: string;
  platformPublicKeyId: string;
  platformPublicKeyPem: string;
  tencentSecretId: string;
  tencentSecretKey: string;
  bucket: string;
  region: string;
  smsSdkAppId: string;
  smsSignName: string;
  smsTemplateId: string;
  /** Takes a text of up to twelve characters, no code. */
  smsNoticeTemplateId: string;
  /** `id:secret` that cloud functions sign their callbacks with. */
  callbackKeys: string;
  runninghubKeyA: string;
  runninghubKeyB: string;
  /** Workflows belong to one account: 19 digits, kept as text. */
  runninghubPoseWorkflowA: string;
  runninghubPoseWorkflowB: string;
  runninghubVideoWorkflowA: string;
  runninghubVideoWorkflowB: string;
  /** Exists, but nobody ever ran it: answers 810. */
  runninghubUnsavedWorkflow: string;
  /** AI apps are open to both accounts. */
  runninghubPoseWebapp: string;
  runninghubVideoWebapp: string;
};

/** `env` starts a sandbox, `client` is what the program under test is configured with; both belong together. */
export type SandboxCredentials = { env: Record<string, string>; client: ClientCredentials };

/** Makes a new, random, coherent set. Nothing in it opens anything outside the sandbox that was started with it. */
export async function generateSandboxCredentials(): Promise<SandboxCredentials> {
  const [merchant, platform] = await Promise.all([rsaKeyPair(), rsaKeyPair()]);
  const certificate = await merchantCertificate(merchant);
  const client: ClientCredentials = {
    mchid: `19${digits(8)}`,
    appid: `wx${randomBytes(8).toString('hex')}`,
    merchantSerial: certificate.serial,
    merchantPrivateKeyPem: merchant.privateKey,
    merchantCertPem: certificate.pem,
    apiV3Key: randomBytes(16).toString('hex'),
    platformPublicKeyId: `PUB_KEY_ID_${digits(34)}`,
    platformPublicKeyPem: platform.publicKey,
    tencentSecretId: `AKID${randomBytes(16).toString('hex')}`,
    tencentSecretKey: randomBytes(16).toString('hex'),
    bucket: `yunshang-${digits(10)}`,
    region: 'ap-guangzhou',
    smsSdkAppId: `14${digits(8)}`,
    smsSignName: '云裳',
    smsTemplateId: digits(7),
    smsNoticeTemplateId: digits(8),
    callbackKeys: `sandbox-1:${randomBytes(24).toString('hex')}`,
    ...runninghubCredentials(),
  };
  return { client, env: environmentOf(client, platform.privateKey) };
}

type RunningHubCredentials = Pick<ClientCredentials, Extract<keyof ClientCredentials, `runninghub${string}`>>;

/** Begins like the vendor's own: 19 digits, above 2^53, so that a number cannot hold it. */
function runninghubId(): string {
  return `19${digits(17)}`;
}

function runninghubCredentials(): RunningHubCredentials {
  return {
    runninghubKeyA: randomBytes(16).toString('hex'),
    runninghubKeyB: randomBytes(16).toString('hex'),
    runninghubPoseWorkflowA: runninghubId(),
    runninghubPoseWorkflowB: runninghubId(),
    runninghubVideoWorkflowA: runninghubId(),
    runninghubVideoWorkflowB: runninghubId(),
    runninghubUnsavedWorkflow: runninghubId(),
    runninghubPoseWebapp: runninghubId(),
    runninghubVideoWebapp: runninghubId(),
  };
}

type PemPair = { publicKey: string; privateKey: string };

function environmentOf(client: ClientCredentials, platformPrivateKeyPem: string): Record<string, string> {
  return {
    SANDBOX_WECHAT_MCHID: client.mchid,
    SANDBOX_WECHAT_APPID: client.appid,
    SANDBOX_WECHAT_API_V3_KEY: client.apiV3Key,
    SANDBOX_WECHAT_MERCHANT_SERIAL: client.merchantSerial,
    SANDBOX_WECHAT_MERCHANT_CERT_PEM: client.merchantCertPem,
    SANDBOX_WECHAT_PLATFORM_PRIVATE_KEY_PEM: platformPrivateKeyPem,
    SANDBOX_WECHAT_PLATFORM_PUBLIC_KEY_ID: client.platformPublicKeyId,
    SANDBOX_TENCENT_SECRET_ID: client.tencentSecretId,
    SANDBOX_TENCENT_SECRET_KEY: client.tencentSecretKey,
    SANDBOX_COS_BUCKET: client.bucket,
    SANDBOX_COS_REGION: client.region,
    SANDBOX_SMS_SDK_APP_ID: client.smsSdkAppId,
    SANDBOX_SMS_SIGN_NAME: client.smsSignName,
    SANDBOX_SMS_TEMPLATE_ID: client.smsTemplateId,
    SANDBOX_SMS_NOTICE_TEMPLATE_ID: client.smsNoticeTemplateId,
    SANDBOX_CALLBACK_KEYS: client.callbackKeys,
    SANDBOX_RUNNINGHUB_KEY_A: client.runninghubKeyA,
    SANDBOX_RUNNINGHUB_KEY_B: client.runninghubKeyB,
    SANDBOX_RUNNINGHUB_POSE_WORKFLOW_A: client.runninghubPoseWorkflowA,
    SANDBOX_RUNNINGHUB_POSE_WORKFLOW_B: client.runninghubPoseWorkflowB,
    SANDBOX_RUNNINGHUB_VIDEO_WORKFLOW_A: client.runninghubVideoWorkflowA,
    SANDBOX_RUNNINGHUB_VIDEO_WORKFLOW_B: client.runninghubVideoWorkflowB,
    SANDBOX_RUNNINGHUB_UNSAVED_WORKFLOW: client.runninghubUnsavedWorkflow,
    SANDBOX_RUNNINGHUB_POSE_WEBAPP: client.runninghubPoseWebapp,
    SANDBOX_RUNNINGHUB_VIDEO_WEBAPP: client.runninghubVideoWebapp,
  };
}

function rsaKeyPair(): Promise<PemPair> {
  return makeKeyPair('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });
}

async function merchantCertificate(keyPair: PemPair): Promise<{ pem: string; serial: string }> {
  const made = await generate([{ name: 'commonName', value: 'Yunshang sandbox merchant' }], {
    algorithm: 'sha256',
    keyPair,
    notAfterDate: new Date(Date.now() + CERTIFICATE_DAYS * 86_400_000),
  });
  return { pem: made.cert, serial: new X509Certificate(made.cert).serialNumber.toUpperCase() };
}

/** Decimal digits, the first never 0. */
function digits(count: number): string {
  let text = String(randomInt(1, 10));
  while (text.length < count) text += String(randomInt(10));
  return text;
}
