import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import { VendorError } from '../vendor-call.ts';

const MINUTE_MS = 60_000;
const DEFAULT_LIFE_MS = 7 * 24 * 3_600_000;
const LOOPBACK = new Set(['127.0.0.1', 'localhost', '[::1]']);

/** Fields an order may carry, under their wire names. Unknown fields are ignored, as the vendor does. */
const anyOrder = z.object({
  appid: z.string().min(1).max(32),
  mchid: z.string().min(1).max(32),
  description: z.string().min(1).max(127),
  out_trade_no: z
    .string()
    .min(6)
    .max(32)
    .regex(/^[0-9A-Za-z_\-|*]+$/),
  time_expire: z.iso.datetime({ offset: true }).optional(),
  attach: z.string().max(128).optional(),
  notify_url: z.string().max(255).refine(isNotifyUrl, 'must be an https address without a query string'),
  goods_tag: z.string().max(32).optional(),
  support_fapiao: z.boolean().optional(),
  amount: z.object({
    total: z.number().int().min(1).max(100_000_000_000),
    currency: z.literal('CNY').optional(),
  }),
  detail: z.record(z.string(), z.unknown()).optional(),
  scene_info: z.record(z.string(), z.unknown()).optional(),
  settle_info: z.object({ profit_sharing: z.boolean().optional() }).optional(),
  payer: z.object({ openid: z.string().optional() }).optional(),
});

/** By the last part of the path that takes the order. */
const orderOf = {
  native: anyOrder,
  jsapi: anyOrder.extend({ payer: z.object({ openid: z.string().min(1).max(128) }) }),
  h5: anyOrder.extend({
    scene_info: z.looseObject({
      payer_client_ip: z.union([z.ipv4(), z.ipv6()]),
      h5_info: z.looseObject({ type: z.string().min(1).max(32) }),
    }),
  }),
} as const;
export type OrderKind = keyof typeof orderOf;
export const ORDER_KINDS = ['native', 'jsapi', 'h5'] as const satisfies readonly OrderKind[];

export type OrderRequest = z.output<typeof anyOrder>;

/** Plain http is let through for loopback addresses only: the merchant under test has no certificate. */
function isNotifyUrl(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const url = new URL(text);
  const schemeFits = url.protocol === 'https:' || (url.protocol === 'http:' && LOOPBACK.has(url.hostname));
  return schemeFits && url.search === '' && !text.includes('?');
}

const FIELD_NAMES: Record<string, string> = {
  '/amount/total': '总金额',
  '/amount/currency': '货币类型',
  '/out_trade_no': '商户订单号',
  '/description': '商品描述',
  '/notify_url': '通知地址',
  '/time_expire': '交易结束时间',
  '/appid': '公众账号ID',
  '/mchid': '直连商户号',
  '/attach': '附加数据',
  '/payer/openid': '用户标识',
  '/scene_info/payer_client_ip': '用户终端IP',
};

/** Checks the fields; throws PARAM_ERROR naming the first wrong one. */
export function parseOrder(kind: OrderKind, body: Record<string, unknown>): OrderRequest {
  const parsed = orderOf[kind].safeParse(body);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const path = issue?.path ?? [];
  const field = `/${path.join('/')}`;
  const value = path.reduce<unknown>((at, step) => (isIndexable(at) ? at[String(step)] : undefined), body);
  throw paramError(field, value, issueText(issue));
}

export function paramError(field: string, value: unknown, issue: string): VendorError {
  const name = FIELD_NAMES[field] ?? field.slice(1);
  return new VendorError(400, 'PARAM_ERROR', `输入源“/body${field}”映射到字段“${name}”规则校验失败，${issue}`, {
    field,
    value: value ?? null,
    issue,
    location: 'body',
  });
}

function isIndexable(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

function issueText(issue: z.core.$ZodIssue | undefined): string {
  switch (issue?.code) {
    case 'too_small':
      return issue.origin === 'string' ? `字符数少于最小值 ${issue.minimum}` : `值低于最小值 ${issue.minimum}`;
    case 'too_big':
      return issue.origin === 'string' ? `字符数超过最大值 ${issue.maximum}` : `值高于最大值 ${issue.maximum}`;
    case 'invalid_type':
      return '此字段为必填项或类型不符';
    default:
      return '不符合格式要求';
  }
}

/** Until when the order can be paid: at least a minute from now, seven days unless asked otherwise. */
export function payableUntil(request: OrderRequest, now: Date): Date {
  if (request.time_expire === undefined) return new Date(now.getTime() + DEFAULT_LIFE_MS);
  return new Date(Math.max(Date.parse(request.time_expire), now.getTime() + MINUTE_MS));
}

/** An unpaid number may be ordered again only with the very same parameters. */
export function isSameOrder(a: OrderRequest, b: OrderRequest): boolean {
  return isDeepStrictEqual(a, b);
}
