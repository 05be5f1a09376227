import { createSign, randomBytes } from 'node:crypto';
import type { JsapiParams } from '@yunshang/contracts';

/** What a WeChat client is handed to pay a prepared order: signed by us as WeChat Pay demands, each line ending with a line feed. */
export function signClientParams(
  prepayId: string,
  as: { appid: string; privateKeyPem: string; now: Date },
): JsapiParams {
  const timeStamp = String(Math.trunc(as.now.getTime() / 1000));
  const nonceStr = randomBytes(16).toString('hex');
  const text = `prepay_id=${prepayId}`;
  const message = [as.appid, timeStamp, nonceStr, text, ''].join('\n');
  const paySign = createSign('RSA-SHA256').update(message).sign(as.privateKeyPem, 'base64');
  return { appId: as.appid, timeStamp, nonceStr, package: text, signType: 'RSA', paySign };
}
