import { assertNever, type JsapiParams } from '@yunshang/contracts';
import { SHANGHAI_OFFSET_MS, type Clock } from '@yunshang/db';
import WxPay from 'wechatpay-node-v3';
import { z } from 'zod';
import type { Payer } from '../../orders/order.ts';
import type { PayWith } from '../../orders/order.store.ts';
import { signClientParams } from './client-params.ts';
import { type NotificationInput, openNotification, type WechatNotification } from './notification.ts';
import { createSignatureCheck } from './platform-signature.ts';
import { readRefundAnswer, type WechatRefund } from './refund.ts';
import { readWechatOrder, type WechatOrder } from './transaction.ts';
import { createWechatHttp, unavailable, WechatRefused } from './wechat-http.ts';
import type { Merchant, WechatSettings } from './wechat-settings.ts';

export type OrderToPlace = {
  outTradeNo: string;
  /** What the member reads when paying; at most 127 characters. */
  description: string;
  amountFen: number;
  /** Last moment to pay. */
  expiresAt: Date;
  payer: Payer;
};

export type RefundToAsk = {
  transactionId: string;
  outRefundNo: string;
  /** The member reads it; at most 80 characters. */
  reason: string;
  refundFen: number;
  /** Of the whole payment. */
  totalFen: number;
};

/** WeChat Pay for us. Throws WechatRefused where it refuses and PAYMENT_UNAVAILABLE where the outcome is unknown. */
export type WechatGateway = {
  readonly merchant: Merchant;
  /** Orders, or orders the very same again: then something fresh to pay the same order with. */
  placeOrder(order: OrderToPlace): Promise<PayWith>;
  findOrder(outTradeNo: string): Promise<WechatOrder>;
  /** Makes an unpaid order unpayable; closing twice is closing once. */
  closeOrder(outTradeNo: string): Promise<void>;
  /** Asks for a refund, or for the very same again: then it answers how that stands. */
  refund(refund: RefundToAsk): Promise<WechatRefund>;
  /** Undefined when WeChat Pay has no refund of that number. */
  findRefund(outRefundNo: string): Promise<WechatRefund | undefined>;
  /** Opens a notification or throws NOTIFICATION_REFUSED; calls nobody. */
  openNotification(input: NotificationInput): WechatNotification;
  /** What a WeChat client is handed to pay a prepared order. */
  signClientParams(prepayId: string): JsapiParams;
};

const codeAnswer = z.object({ code_url: z.string().startsWith('weixin://').max(512) });
const h5Answer = z.object({ h5_url: z.url({ protocol: /^https$/ }).max(512) });
/** The library has wrapped it in what it signs; its own nonce is no secret, so we sign again. */
const jsapiAnswer = z.object({ package: z.string().regex(/^prepay_id=[A-Za-z0-9_-]{1,64}$/) });

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
    placeOrder: (order) => placeOrder(pay, settings, order),
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
    async refund(refund) {
      const answer = await pay.refunds({
        transaction_id: refund.transactionId,
        out_refund_no: refund.outRefundNo,
        reason: refund.reason,
        notify_url: settings.notifyUrl,
        amount: { refund: refund.refundFen, total: refund.totalFen, currency: 'CNY' },
      });
      return known(readRefundAnswer(answer.data, refund.outRefundNo));
    },
    async findRefund(outRefundNo) {
      const missing = { status: 404, code: 'RESOURCE_NOT_EXISTS' };
      const answer = await orRefused(pay.find_refunds(outRefundNo), missing);
      return answer === 'refused' ? undefined : known(readRefundAnswer(answer.data, outRefundNo));
    },
    openNotification: (input) =>
      openNotification(input, { findFault, apiV3Key: settings.apiV3Key, mchid: settings.mchid, now: clock.now() }),
    signClientParams: (prepayId) => {
      const { appid, merchantPrivateKeyPem: privateKeyPem } = settings;
      return signClientParams(prepayId, { appid, privateKeyPem, now: clock.now() });
    },
  };
}

async function placeOrder(pay: WxPay, settings: WechatSettings, order: OrderToPlace): Promise<PayWith> {
  const { payer } = order;
  const common = {
    description: order.description,
    out_trade_no: order.outTradeNo,
    time_expire: beijingTime(order.expiresAt),
    notify_url: settings.notifyUrl,
  };
  const amount = { total: order.amountFen, currency: 'CNY' };
  switch (payer.channel) {
    case 'native': {
      const answer = codeAnswer.safeParse((await pay.transactions_native({ ...common, amount })).data);
      if (!answer.success) throw unavailable('the answer to an order has no code');
      return { codeUrl: answer.data.code_url };
    }
    case 'jsapi': {
      const { data } = await pay.transactions_jsapi({ ...common, amount, payer: { openid: payer.openid } });
      const answer = jsapiAnswer.safeParse(data);
      if (!answer.success) throw unavailable('the answer to an order has no prepay_id');
      return { prepayId: answer.data.package.slice('prepay_id='.length) };
    }
    case 'h5': {
      const scene = { payer_client_ip: payer.ip, h5_info: { type: payer.h5Type, app_name: '云裳' } };
      const answer = h5Answer.safeParse((await pay.transactions_h5({ ...common, amount, scene_info: scene })).data);
      if (!answer.success) throw unavailable('the answer to an order has no address');
      return { h5Url: answer.data.h5_url };
    }
    default:
      return assertNever(payer);
  }
}

function known(refund: WechatRefund | undefined): WechatRefund {
  if (refund === undefined) throw unavailable('the answer about a refund does not fit it');
  return refund;
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
  return `${new Date(time.getTime() + SHANGHAI_OFFSET_MS).toISOString().slice(0, 19)}+08:00`;
}
