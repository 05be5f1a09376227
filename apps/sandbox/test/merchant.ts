import { createDecipheriv, verify } from 'node:crypto';
import WxPay from 'wechatpay-node-v3';
import { z } from 'zod';
import type { ClientCredentials } from '../src/index.ts';
import type { Received, RunningSandbox } from './sandbox.ts';

export type MerchantAnswer = { status: number; data: Record<string, unknown>; verified: boolean | 'unsigned' };

const answerOf = z.object({
  status: z.number(),
  data: z.record(z.string(), z.unknown()),
  verified: z.union([z.boolean(), z.literal('unsigned')]),
});

const checked = async (run: Promise<unknown>): Promise<MerchantAnswer> => answerOf.parse(await run);

/** The real library, its requests redirected to the sandbox and its answers verified as a merchant must. */
export function merchantPay(sandbox: RunningSandbox, changes: Partial<ClientCredentials> = {}, timeoutMs = 5_000) {
  const c = { ...sandbox.client, ...changes };
  const pay = new WxPay({
    appid: c.appid,
    mchid: c.mchid,
    serial_no: c.merchantSerial,
    publicKey: Buffer.from(c.merchantCertPem),
    privateKey: Buffer.from(c.merchantPrivateKeyPem),
    key: c.apiV3Key,
  });
  const go = async (method: string, url: string, headers: Record<string, string>, body?: string) => {
    const answer = await fetch(url.replace('https://api.mch.weixin.qq.com', sandbox.baseUrl), {
      method,
      headers: { ...headers, 'Accept-Encoding': 'identity', 'Wechatpay-Serial': c.platformPublicKeyId },
      signal: AbortSignal.timeout(timeoutMs),
      ...(body === undefined ? {} : { body }),
    });
    const raw = Buffer.from(await answer.arrayBuffer());
    const header = (name: string) => answer.headers.get(name) ?? undefined;
    const verified = header('wechatpay-signature') === undefined ? 'unsigned' : isAuthentic(c, header, raw);
    return { status: answer.status, data: raw.length === 0 ? {} : JSON.parse(raw.toString()), verified };
  };
  pay.createHttp({
    get: (url, headers) => go('GET', url, headers),
    post: (url, params, headers) => go('POST', url, headers, JSON.stringify(params)),
    upload: () => Promise.reject(new Error('not used')),
  });
  return {
    order: (outTradeNo: string, notifyUrl: string, more: Record<string, unknown> = {}) =>
      checked(
        pay.transactions_native({
          ...orderOf(outTradeNo, notifyUrl),
          ...more,
        }),
      ),
    query: (outTradeNo: string) => checked(pay.query({ out_trade_no: outTradeNo })),
    queryById: (transactionId: string) => checked(pay.query({ transaction_id: transactionId })),
    close: (outTradeNo: string) => checked(pay.close(outTradeNo)),
    jsapi: (outTradeNo: string, notifyUrl: string, openid: string) =>
      checked(pay.transactions_jsapi({ ...orderOf(outTradeNo, notifyUrl), payer: { openid } })),
    h5: (outTradeNo: string, notifyUrl: string, ip: string) =>
      checked(
        pay.transactions_h5({
          ...orderOf(outTradeNo, notifyUrl),
          scene_info: { payer_client_ip: ip, h5_info: { type: 'Wap', app_name: '', app_url: '' } },
        }),
      ),
    refund: (outTradeNo: string, outRefundNo: string, fen: { refund: number; total: number }) =>
      checked(
        pay.refunds({ out_trade_no: outTradeNo, out_refund_no: outRefundNo, amount: { ...fen, currency: 'CNY' } }),
      ),
    findRefund: (outRefundNo: string) => checked(pay.find_refunds(outRefundNo)),
  };
}

function orderOf(outTradeNo: string, notifyUrl: string) {
  const amount = { total: 9900, currency: 'CNY' };
  return { description: '云裳 BASIC', out_trade_no: outTradeNo, notify_url: notifyUrl, amount };
}

/** RSA-SHA256 over `timestamp\nnonce\nbody\n` with the platform's public key, and the right serial. */
export function isAuthentic(
  client: ClientCredentials,
  header: (name: string) => string | undefined,
  body: Buffer,
): boolean {
  if (header('wechatpay-serial') !== client.platformPublicKeyId) return false;
  const head = `${header('wechatpay-timestamp') ?? ''}\n${header('wechatpay-nonce') ?? ''}\n`;
  const message = Buffer.concat([Buffer.from(head), body, Buffer.from('\n')]);
  const signature = Buffer.from(header('wechatpay-signature') ?? '', 'base64');
  return verify('RSA-SHA256', message, client.platformPublicKeyPem, signature);
}

export function isNotificationAuthentic(client: ClientCredentials, { headers, body }: Received): boolean {
  return isAuthentic(client, (name) => headers[name]?.toString(), body);
}

const notificationBody = z.object({
  event_type: z.literal('TRANSACTION.SUCCESS'),
  resource: z.object({ ciphertext: z.string(), associated_data: z.string(), nonce: z.string().length(12) }),
});
const transactionBody = z.object({
  appid: z.string(),
  mchid: z.string(),
  out_trade_no: z.string(),
  transaction_id: z.string(),
  trade_state: z.string(),
  success_time: z.string(),
  amount: z.object({ total: z.number(), currency: z.string() }),
});

/** Opens a notification, checking the GCM tag; throws when it was tampered with. */
export function openNotification(client: ClientCredentials, { body }: Received): z.output<typeof transactionBody> {
  const { resource } = notificationBody.parse(JSON.parse(body.toString()));
  const sealed = Buffer.from(resource.ciphertext, 'base64');
  const decipher = createDecipheriv('aes-256-gcm', client.apiV3Key, resource.nonce);
  decipher.setAAD(Buffer.from(resource.associated_data)).setAuthTag(sealed.subarray(-16));
  const plain = Buffer.concat([decipher.update(sealed.subarray(0, -16)), decipher.final()]);
  return transactionBody.parse(JSON.parse(plain.toString()));
}

/** The token inside a code_url. */
export function tokenOf(answer: MerchantAnswer): string {
  return new URL(z.string().parse(answer.data['code_url'])).searchParams.get('pr') ?? '';
}
