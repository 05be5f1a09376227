import { createHash } from 'node:crypto';
import type { VendorSettings } from './sandbox.ts';

export type AppEnvironmentSources = {
  databaseUrl: string;
  redisUrl: string;
  /** Where members reach the server; the vendors' notifications come to it too. */
  publicUrl: string;
  vendorUrl: string;
  settings: VendorSettings;
};

/**
 * The environment server and worker run with on a developer's machine: every vendor is the sandbox. Keys are derived
 * from the sandbox's own, so they stay as long as its credentials and open nothing elsewhere.
 */
export function appEnvironment(from: AppEnvironmentSources): Record<string, string> {
  return {
    NODE_ENV: 'development',
    HOST: '127.0.0.1',
    SHUTDOWN_GRACE_MS: '3000', // below the five seconds a guard waits
    DATABASE_URL: from.databaseUrl,
    REDIS_URL: from.redisUrl,
    PUBLIC_BASE_URL: from.publicUrl,
    ...accountKeys(from.settings),
    ...wechatVariables(from),
    ...tencentVariables(from),
    RUNNINGHUB_BASE_URL: from.vendorUrl,
    VENDOR_DEV_HOSTS: new URL(from.vendorUrl).host,
    CALLBACK_KEYS: from.settings.callbackKeys,
    AUDIT_SIGNING_KEY: `dev:${derivedKey(from.settings, 'AUDIT_SIGNING_KEY')}`,
    AUDIT_VERIFY_HOUR: 'off', // who wants a proof asks for one
  };
}

function accountKeys(settings: VendorSettings): Record<string, string> {
  const names = [
    'ACCESS_TOKEN_KEYS',
    'REFRESH_TOKEN_KEYS',
    'PHONE_KEYS',
    'PHONE_INDEX_KEY',
    'SMS_CODE_KEY',
    'REDEMPTION_CODE_KEYS',
    'PROVIDER_KEYS',
  ];
  return Object.fromEntries(names.map((name) => [name, derivedKey(settings, name)]));
}

/** 32 bytes in base64, another for each purpose. */
function derivedKey({ tencentSecretKey, apiV3Key }: VendorSettings, purpose: string): string {
  return createHash('sha256').update(`${purpose}\n${tencentSecretKey}\n${apiV3Key}`).digest('base64');
}

function wechatVariables({ settings, vendorUrl, publicUrl }: AppEnvironmentSources): Record<string, string> {
  return {
    WECHAT_MCHID: settings.mchid,
    WECHAT_APPID: settings.appid,
    WECHAT_MERCHANT_SERIAL: settings.merchantSerial,
    WECHAT_MERCHANT_PRIVATE_KEY: settings.merchantPrivateKeyPem,
    WECHAT_MERCHANT_CERT: settings.merchantCertPem,
    WECHAT_API_V3_KEY: settings.apiV3Key,
    WECHAT_PLATFORM_KEY_ID: settings.platformPublicKeyId,
    WECHAT_PLATFORM_PUBLIC_KEY: settings.platformPublicKeyPem,
    WECHAT_BASE_URL: vendorUrl,
    WECHAT_NOTIFY_URL: `${publicUrl}/api/webhooks/wechat/pay`,
  };
}

function tencentVariables({ settings, vendorUrl }: AppEnvironmentSources): Record<string, string> {
  const { host } = new URL(vendorUrl);
  return {
    TENCENT_SECRET_ID: settings.tencentSecretId,
    TENCENT_SECRET_KEY: settings.tencentSecretKey,
    TENCENT_API_ENDPOINT: host,
    TENCENT_API_PROTOCOL: 'http://',
    COS_BUCKET: settings.bucket,
    COS_REGION: settings.region,
    COS_DOMAIN: `${host}/{Bucket}`,
    COS_PROTOCOL: 'http:',
    MODERATION: 'on',
    SMS_SDK_APP_ID: settings.smsSdkAppId,
    SMS_SIGN_NAME: settings.smsSignName,
    SMS_TEMPLATE_ID: settings.smsTemplateId,
    NOTICE_SMS: 'on',
    SMS_LOW_QUOTA_TEMPLATE_ID: settings.smsNoticeTemplateId,
  };
}
