import type { Clock } from '@yunshang/db';
import WxPay from 'wechatpay-node-v3';
import { z } from 'zod';
import { type NotificationInput, openNotification, type WechatNotification } from './notification.ts';
import { createSignatureCheck } from './platform-signature.ts';
import { readWechatOrder, type WechatOrder } from './transaction.ts';
import { createWechatHttp, unavailable, WechatRefused } from './wechat-http.ts';
import type { Merchant, WechatSettings } from './wechat-settings.ts';

export type NativeOrder = {
  outTradeNo: string;
  /** What the member reads when paying; at most 127 characters. */
  description: string;
  amountFen: number;
  /** Last moment to pay. */
  expiresAt: Date;
};

/** WeChat Pay for us. Throws WechatRefused where it refuses and PAYMENT_UNAVAILABLE where the outcome is unknown. */
export type WechatGateway = {
  readonly merchant: Merchant;
  /** Orders, or orders the very same again: then a fresh code for the same order. */
  placeNativeOrder(order: NativeOrder): Promise<{ codeUrl: string }>;
  findOrder(outTradeNo: string): Promise<WechatOrder>;
  /** Makes an unpaid order unpayable; closing twice is closing once. */
  closeOrder(outTradeNo: string): Promise<void>;
  /** Opens a notification or throws NOTIFICATION_REFUSED; calls nobody. */
  openNotification(input: NotificationInput): WechatNotification;
};

const codeAnswer = z.object({ code_url: z.string().startsWith('weixin://').max(512) });

/** wechatpay-node-v3 builds and signs the requests; what comes back is verified here. */
export function createWechatGateway(settings: WechatSettings, clock: Clock): WechatGateway {
  const pay = new WxPay({
    appid: settings.appid,
    mchid: settings.mchid,
    serial_no: settings.merchantSerial,
    publicKey: Buffer.from(settings.merchantCertPem),
    privateKey: Buffer.from(settings.merchantPrivateKeyPem),
    userAgent: 'yunshang',
  });
  pay.createHttp(createWechatHttp(settings, clock));
  const findFault = createSignatureCheck(settings.platformKeys);
  return {
    merchant: { mchid: settings.mchid, appid: settings.appid },
    async placeNativeOrder(order) {
      const answer = await pay.transactions_native({
        description: order.description,
        out_trade_no: order.outTradeNo,
        time_expire: beijingTime(order.expiresAt),
        notify_url: settings.notifyUrl,
        amount: { total: order.amountFen, currency: 'CNY' },
      });
      const parsed = codeAnswer.safeParse(answer.data);
      if (!parsed.success) throw unavailable('the answer to an order has no code');
      return { codeUrl: parsed.data.code_url };
    },
    async findOrder(outTradeNo) {
      const answer = await orRefused(pay.query({ out_trade_no: outTradeNo }), { status: 404, code: 'ORDER_NOT_EXIST' });
      if (answer === 'refused') return { state: 'unknown' };
      const order = readWechatOrder(answer.data, outTradeNo);
      if (order === undefined) throw unavailable('the answer to a query does not fit it');
      return order;
    },
    async closeOrder(outTradeNo) {
      await pay.close(outTradeNo);
    },
    openNotification: (input) => openNotification(input, { findFault, apiV3Key: settings.apiV3Key, now: clock.now() }),
  };
}

async function orRefused<T>(answer: Promise<T>, refusal: { status: number; code: string }): Promise<T | 'refused'> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof WechatRefused && error.status === refusal.status && error.vendorCode === refusal.code)
      return 'refused';
    throw error;
  }
}

/** `2026-01-15T12:00:00+08:00`: whole seconds in China's time, as WeChat Pay writes them. */
function beijingTime(time: Date): string {
  return `${new Date(time.getTime() + 8 * 3_600_000).toISOString().slice(0, 19)}+08:00`;
}
