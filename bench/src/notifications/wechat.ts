import { createCipheriv, createDecipheriv, generateKeyPairSync, randomBytes, sign, verify } from 'node:crypto';

export type Merchant = { appid: string; mchid: string; apiV3Key: string };
export type Notification = { headers: Record<string, string>; rawBody: string };

/** WeChat Pay as far as it notifies: keys of its own, and what it sends when an order has been paid. */
export function wechatPay({ appid, mchid, apiV3Key }: Merchant) {
  const keys = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const keyId = 'PUB_KEY_ID_0000000000000000000000000000000001';

  function notificationOf(order: { outTradeNo: string; amountFen: number }): Notification {
    const transaction = {
      appid,
      mchid,
      out_trade_no: order.outTradeNo,
      transaction_id: `42${order.outTradeNo}`,
      trade_state: 'SUCCESS',
      success_time: new Date().toISOString(),
      amount: { total: order.amountFen, payer_total: order.amountFen, currency: 'CNY' },
    };
    const nonce = randomBytes(6).toString('hex');
    const cipher = createCipheriv('aes-256-gcm', apiV3Key, nonce).setAAD(Buffer.from('transaction'));
    const sealed = [cipher.update(JSON.stringify(transaction)), cipher.final(), cipher.getAuthTag()];
    const resource = {
      original_type: 'transaction',
      algorithm: 'AEAD_AES_256_GCM',
      associated_data: 'transaction',
      nonce,
      ciphertext: Buffer.concat(sealed).toString('base64'),
    };
    const rawBody = JSON.stringify({ id: `EV-${order.outTradeNo}`, event_type: 'TRANSACTION.SUCCESS', resource });
    const timestamp = String(Math.floor(Date.now() / 1000));
    const signature = sign('RSA-SHA256', Buffer.from(`${timestamp}\n${nonce}\n${rawBody}\n`), keys.privateKey);
    const headers = {
      'wechatpay-timestamp': timestamp,
      'wechatpay-nonce': nonce,
      'wechatpay-serial': keyId,
      'wechatpay-signature': signature.toString('base64'),
    };
    return { headers, rawBody };
  }

  /** The least that believing one takes: the signature over its bytes, and opening what is sealed. */
  function believe({ headers, rawBody }: Notification): string {
    const signed = `${headers['wechatpay-timestamp']}\n${headers['wechatpay-nonce']}\n${rawBody}\n`;
    const signature = Buffer.from(headers['wechatpay-signature'] ?? '', 'base64');
    if (!verify('RSA-SHA256', Buffer.from(signed), keys.publicKey, signature)) throw new Error('not signed by us');
    const { resource }: { resource: { nonce: string; ciphertext: string } } = JSON.parse(rawBody);
    const sealed = Buffer.from(resource.ciphertext, 'base64');
    const cipher = createDecipheriv('aes-256-gcm', apiV3Key, resource.nonce)
      .setAAD(Buffer.from('transaction'))
      .setAuthTag(sealed.subarray(-16));
    return Buffer.concat([cipher.update(sealed.subarray(0, -16)), cipher.final()]).toString();
  }

  const env = {
    WECHAT_PLATFORM_KEY_ID: keyId,
    WECHAT_PLATFORM_PUBLIC_KEY: keys.publicKey.export({ type: 'spki', format: 'pem' }).toString(),
  };
  return { env, notificationOf, believe };
}
