import { createSign, randomBytes } from 'node:crypto';
import type { WechatSettings } from './wechat-settings.ts';

/** The headers of a GET of `pathAndQuery`, exactly as it is sent, signed by us. */
export function signGet(settings: WechatSettings, pathAndQuery: string, now: Date): Record<string, string> {
  const timestamp = String(Math.trunc(now.getTime() / 1000));
  const nonce = randomBytes(16).toString('hex');
  const message = `GET\n${pathAndQuery}\n${timestamp}\n${nonce}\n\n`;
  const signature = createSign('RSA-SHA256').update(message).sign(settings.merchantPrivateKeyPem, 'base64');
  const fields = { mchid: settings.mchid, nonce_str: nonce, signature, timestamp, serial_no: settings.merchantSerial };
  const pairs = Object.entries(fields).map(([name, value]) => `${name}="${value}"`);
  return {
    Accept: 'application/json',
    'User-Agent': 'yunshang',
    Authorization: `WECHATPAY2-SHA256-RSA2048 ${pairs.join(',')}`,
  };
}
