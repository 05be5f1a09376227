import { z } from 'zod';

/**
 * Faults on command. Those of a request are taken after its signature was verified; `match` narrows a fault to calls
 * whose action, order number, object key or phone fit; `times` counts the calls it still bends.
 */

const times = z.union([z.number().int().positive(), z.literal('always')]).default(1);
const text = z.string().min(1);
const ms = z.number().int().nonnegative();
const httpStatus = z.number().int().min(200).max(599);
const fen = z.number().int().nonnegative();

const wechatBase = {
  vendor: z.literal('wechat'),
  times,
  match: z.strictObject({ action: text, outTradeNo: text }).partial().default({}),
};
const keyMatch = z.strictObject({ action: text, key: text, keyPrefix: text }).partial().default({});
const cosBase = { vendor: z.literal('cos'), times, match: keyMatch };
const ciBase = { vendor: z.literal('ci'), times, match: keyMatch };
const stsBase = { vendor: z.literal('sts'), times, match: z.strictObject({ action: text }).partial().default({}) };
const smsBase = {
  vendor: z.literal('sms'),
  times,
  match: z.strictObject({ action: text, phone: text }).partial().default({}),
};

/** The kinds every vendor has: they bend the call itself. `timeout` comes before the effect. */
function callFaults<T extends z.ZodRawShape>(base: T, error: { status: number; code: string; message: string }) {
  return [
    z.strictObject({
      ...base,
      kind: z.literal('error'),
      status: httpStatus.default(error.status),
      code: text.default(error.code),
      message: z.string().default(error.message),
    }),
    z.strictObject({ ...base, kind: z.literal('timeout') }),
    z.strictObject({ ...base, kind: z.literal('timeout_after_commit') }),
    z.strictObject({ ...base, kind: z.literal('slow'), ms }),
    z.strictObject({ ...base, kind: z.literal('drop') }),
  ] as const;
}

const plain = <K extends string>(kind: K) => z.strictObject({ ...wechatBase, kind: z.literal(kind) });

const wechat = z.discriminatedUnion('kind', [
  ...callFaults(wechatBase, { status: 500, code: 'SYSTEM_ERROR', message: '系统异常，请稍后重试' }),
  plain('answer_bad_signature'),
  z.strictObject({ ...wechatBase, kind: z.literal('pay_wrong_amount'), totalFen: fen }),
  plain('notify_never'),
  z.strictObject({
    ...wechatBase,
    kind: z.literal('notify_duplicate'),
    count: z.number().int().min(2).max(100).default(2),
    parallel: z.boolean().default(true),
  }),
  z.strictObject({ ...wechatBase, kind: z.literal('notify_late'), ms }),
  plain('notify_early'),
  plain('notify_tampered_ciphertext'),
  plain('notify_tampered_body'),
  plain('notify_signtest'),
  plain('notify_unknown_serial'),
  plain('notify_stale'),
  z.strictObject({ ...wechatBase, kind: z.literal('notify_wrong_amount'), totalFen: fen }),
  plain('notify_wrong_currency'),
  plain('notify_wrong_appid'),
  plain('notify_wrong_mchid'),
]);

const cos = z.discriminatedUnion('kind', [
  ...callFaults(cosBase, { status: 503, code: 'ServiceUnavailable', message: 'Please reduce your request rate.' }),
]);
const sts = z.discriminatedUnion('kind', [
  ...callFaults(stsBase, { status: 200, code: 'InternalError', message: '内部错误' }),
]);
const ci = z.discriminatedUnion('kind', [
  ...callFaults(ciBase, { status: 500, code: 'InternalError', message: 'We encountered an internal error.' }),
  z.strictObject({ ...ciBase, kind: z.literal('corrupt') }),
  z.strictObject({ ...ciBase, kind: z.literal('empty') }),
]);
const sms = z.discriminatedUnion('kind', [
  ...callFaults(smsBase, { status: 200, code: 'InternalError.Timeout', message: 'Internal Error. Request timed out.' }),
  z.strictObject({
    ...smsBase,
    kind: z.literal('number_error'),
    code: text.default('LimitExceeded.PhoneNumberDailyLimit'),
    message: z.string().default('the number of sms messages sent from a single mobile number exceeds the daily limit'),
  }),
]);

export const faultSchemas = { wechat, cos, sts, ci, sms } as const;

export type Vendor = keyof typeof faultSchemas;
export type FaultSpec = { [V in Vendor]: z.output<(typeof faultSchemas)[V]> }[Vendor];
export type FaultKind = FaultSpec['kind'];

export const VENDORS = ['wechat', 'cos', 'sts', 'ci', 'sms'] as const satisfies readonly Vendor[];
