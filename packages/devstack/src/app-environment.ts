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
 * The environment server and worker run with on a developer's machine: every vendor is the sandbox. Secrets are
 * derived from the sandbox's own, so they stay while its credentials stay and open nothing elsewhere.
 */
export function appEnvironment(from: AppEnvironmentSources): Record<string, string> {
  const { settings, vendorUrl } = from;
  return {
    NODE_ENV: 'development',
    HOST: '127.0.0.1',
    DATABASE_URL: from.databaseUrl,
    REDIS_URL: from.redisUrl,
    PUBLIC_URL: from.publicUrl,
    ACCESS_TOKEN_SECRET: derived(settings, 'access token'),
    PHONE_KEY: derived(settings, 'phone'),
    PHONE_INDEX_KEY: derived(settings, 'phone index'),
    WECHAT_PAY_BASE_URL: vendorUrl,
    WECHAT_PAY_MCHID: settings.mchid,
    WECHAT_PAY_APPID: settings.appid,
    WECHAT_PAY_MERCHANT_SERIAL: settings.merchantSerial,
    WECHAT_PAY_MERCHANT_PRIVATE_KEY_PEM: settings.merchantPrivateKeyPem,
    WECHAT_PAY_MERCHANT_CERT_PEM: settings.merchantCertPem,
    WECHAT_PAY_API_V3_KEY: settings.apiV3Key,
    WECHAT_PAY_PLATFORM_PUBLIC_KEY_ID: settings.platformPublicKeyId,
    WECHAT_PAY_PLATFORM_PUBLIC_KEY_PEM: settings.platformPublicKeyPem,
    WECHAT_PAY_NOTIFY_URL: `${from.publicUrl}/api/payments/wechat/notify`,
    TENCENT_SECRET_ID: settings.tencentSecretId,
    TENCENT_SECRET_KEY: settings.tencentSecretKey,
    TENCENT_ENDPOINT: vendorUrl,
    COS_BUCKET: settings.bucket,
    COS_REGION: settings.region,
    SMS_SDK_APP_ID: settings.smsSdkAppId,
    SMS_SIGN_NAME: settings.smsSignName,
    SMS_TEMPLATE_ID: settings.smsTemplateId,
  };
}

/** 32 bytes in hex. */
function derived(settings: VendorSettings, purpose: string): string {
  return createHash('sha256').update(`${purpose}\n${settings.tencentSecretKey}\n${settings.apiV3Key}`).digest('hex');
}
