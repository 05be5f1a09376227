import { z } from 'zod';
import { verdictShape } from './ims/verdict.ts';

/**
 * Faults on command. Those of a request are taken after its signature was verified; `match` narrows a fault to calls
 * whose action and ids (order number, object key, phone, task …) fit; `times` counts the calls it still bends.
 */

const times = z.union([z.number().int().positive(), z.literal('always')]).default(1);
const text = z.string().min(1);
const ms = z.number().int().nonnegative();
const httpStatus = z.number().int().min(200).max(599);
const fen = z.number().int().nonnegative();
/** Where every cloud machine finds its own secrets: the address a result must never be fetched from. */
const INSIDE_URL = 'http://169.254.169.254/latest/meta-data/';

const wechatBase = {
  vendor: z.literal('wechat'),
  times,
  match: z.strictObject({ action: text, outTradeNo: text, outRefundNo: text }).partial().default({}),
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
    z.strictObject({ ...base, kind: z.literal('trickle'), ms }),
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
  plain('refund_held'),
  z.strictObject({
    ...wechatBase,
    kind: z.literal('refund_ends'),
    status: z.enum(['SUCCESS', 'CLOSED', 'ABNORMAL']),
    afterMs: ms.default(0),
  }),
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

const runninghubBase = {
  vendor: z.literal('runninghub'),
  times,
  match: z
    .strictObject({ action: text, account: text, workflowId: text, webappId: text, taskId: text })
    .partial()
    .default({}),
};
const ofTask = <K extends string>(kind: K) => z.strictObject({ ...runninghubBase, kind: z.literal(kind) });
const copies = { count: z.number().int().min(2).max(100).default(2), parallel: z.boolean().default(true) };

/** Those of a task are taken when it is created; the last five of a result or an answer when that is asked for. */
const runninghub = z.discriminatedUnion('kind', [
  ...callFaults(runninghubBase, { status: 200, code: '500', message: '' }),
  ofTask('account_down'),
  ofTask('empty_wallet'),
  ofTask('not_json'),
  ofTask('number_ids'),
  z.strictObject({ ...runninghubBase, kind: z.literal('work'), ms }),
  z.strictObject({
    ...runninghubBase,
    kind: z.literal('task_failed'),
    exceptionType: text.default('OutOfMemoryError'),
    exceptionMessage: text.default('Allocation on device 0 would exceed allowed memory.'),
  }),
  ofTask('legacy_running'),
  ofTask('empty_result'),
  z.strictObject({
    ...runninghubBase,
    kind: z.literal('wrong_count'),
    count: z.number().int().min(1).max(50).default(11),
  }),
  z.strictObject({
    ...runninghubBase,
    kind: z.literal('corrupt_picture'),
    index: z.number().int().nonnegative().default(0),
  }),
  z.strictObject({ ...runninghubBase, kind: z.literal('result_url'), url: text.default(INSIDE_URL) }),
  z.strictObject({ ...runninghubBase, kind: z.literal('result_redirect'), location: text.default(INSIDE_URL) }),
  ofTask('result_expired'),
  z.strictObject({ ...runninghubBase, kind: z.literal('result_trickle'), ms }),
  ofTask('cancel_ignored'),
  ofTask('webhook_never'),
  ofTask('webhook_early'),
  z.strictObject({ ...runninghubBase, kind: z.literal('webhook_late'), ms }),
  z.strictObject({ ...runninghubBase, kind: z.literal('webhook_duplicate'), ...copies }),
  ofTask('webhook_forged'),
]);

const scfBase = {
  vendor: z.literal('scf'),
  times,
  match: z.strictObject({ action: text, function: text, jobId: text, taskId: text }).partial().default({}),
};
const ofInvocation = <K extends string>(kind: K) => z.strictObject({ ...scfBase, kind: z.literal(kind) });

const scf = z.discriminatedUnion('kind', [
  ...callFaults(scfBase, { status: 200, code: 'InternalError', message: '内部错误' }),
  ofInvocation('never_started'),
  z.strictObject({ ...scfBase, kind: z.literal('start_late'), ms }),
  z.strictObject({ ...scfBase, kind: z.literal('killed'), afterMs: ms.default(0) }),
  z.strictObject({ ...scfBase, kind: z.literal('function_error'), message: text.default('function crashed') }),
  z.strictObject({ ...scfBase, kind: z.literal('duplicate'), ...copies }),
  ofInvocation('callback_lost'),
  z.strictObject({ ...scfBase, kind: z.literal('callback_late'), ms }),
  z.strictObject({ ...scfBase, kind: z.literal('callback_duplicate'), ...copies }),
  ofInvocation('callback_tampered'),
  ofInvocation('callback_bad_signature'),
]);

const imsBase = {
  vendor: z.literal('ims'),
  times,
  match: z.strictObject({ action: text, dataId: text, bizType: text, sha256: text }).partial().default({}),
};
const ims = z.discriminatedUnion('kind', [
  ...callFaults(imsBase, { status: 200, code: 'InternalError', message: '内部错误' }),
  z.strictObject({ ...imsBase, kind: z.literal('verdict'), ...verdictShape }),
]);

const robotBase = {
  vendor: z.literal('robot'),
  times,
  match: z.strictObject({ action: text, robot: text }).partial().default({}),
};
const robot = z.discriminatedUnion('kind', [
  ...callFaults(robotBase, { status: 200, code: '45009', message: 'api freq out of limit' }),
]);

export const faultSchemas = { wechat, cos, sts, ci, sms, runninghub, scf, ims, robot } as const;

export type Vendor = keyof typeof faultSchemas;
export type FaultSpec = { [V in Vendor]: z.output<(typeof faultSchemas)[V]> }[Vendor];
export type FaultKind = FaultSpec['kind'];

export const VENDORS = [
  'wechat',
  'cos',
  'sts',
  'ci',
  'sms',
  'runninghub',
  'scf',
  'ims',
  'robot',
] as const satisfies readonly Vendor[];
