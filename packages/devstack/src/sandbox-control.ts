import { z } from 'zod';
import { until } from './poll.ts';

const vendor = z.enum(['wechat', 'cos', 'sts', 'ci', 'sms']);
export type Vendor = z.infer<typeof vendor>;

/** A fault to bend calls with; the kinds and options of each vendor are the sandbox's own, which refuses others. */
export type FaultRequest = {
  vendor: Vendor;
  kind: string;
  /** How many calls it bends; 1 when absent. */
  times?: number | 'always';
  match?: Readonly<Record<string, string>>;
  readonly [option: string]: unknown;
};

const loggedCall = z.looseObject({
  seq: z.number(),
  time: z.string(),
  vendor,
  action: z.string(),
  ids: z.record(z.string(), z.string()),
  status: z.number().nullable(),
  code: z.string().optional(),
  fault: z.string().optional(),
});
/** One call a vendor received: what was asked, about what, and the HTTP status answered (null: none). */
export type LoggedCall = z.infer<typeof loggedCall>;

const smsMessage = z.looseObject({ phone: z.string(), code: z.string() });
const storedObject = z.looseObject({ key: z.string(), size: z.number() });
const wechatOrder = z.looseObject({ outTradeNo: z.string(), state: z.string() });
export type SmsMessage = z.infer<typeof smsMessage>;
export type StoredObject = z.infer<typeof storedObject>;
export type WechatOrder = z.infer<typeof wechatOrder>;

export type SandboxControl = {
  /** Bends the vendor's next calls. */
  fault(request: FaultRequest): Promise<void>;
  clearFaults(): Promise<void>;
  /** Faults that still wait for a call. */
  faults(): Promise<unknown[]>;
  /** Calls received, oldest first; `since` is the seq of the last one already known. */
  log(filter?: { vendor?: Vendor; since?: number }): Promise<LoggedCall[]>;
  /** Forgets orders, objects, messages, faults and the log. */
  reset(): Promise<void>;
  /** Messages sent to a phone (E.164), oldest first. */
  sms(phone: string): Promise<SmsMessage[]>;
  /** The newest code sent to a phone; waits until there is one. */
  smsCode(phone: string): Promise<string>;
  /** Scans the order's code and pays it. */
  pay(outTradeNo: string): Promise<void>;
  /** Sends a notification now. */
  notify(request: Readonly<Record<string, unknown>>): Promise<unknown>;
  order(outTradeNo: string): Promise<WechatOrder>;
  objects(prefix?: string): Promise<StoredObject[]>;
};

/** The sandbox's control endpoints, typed. A refusal throws with the sandbox's own words. */
export function sandboxControl(baseUrl: string): SandboxControl {
  const call = (method: string, path: string, body?: unknown): Promise<unknown> => request(baseUrl, method, path, body);
  const sms = async (phone: string): Promise<SmsMessage[]> =>
    listOf(smsMessage).parse(await call('GET', `sms${query({ phone })}`));
  return {
    fault: async (fault) => void (await call('POST', 'faults', fault)),
    clearFaults: async () => void (await call('DELETE', 'faults')),
    faults: async () => listOf(z.unknown()).parse(await call('GET', 'faults')),
    log: async (filter = {}) => listOf(loggedCall).parse(await call('GET', `log${query(filter)}`)),
    reset: async () => void (await call('POST', 'reset')),
    sms,
    smsCode: (phone) => until(async () => (await sms(phone)).at(-1)?.code, { what: `a code for ${phone}` }),
    pay: async (outTradeNo) => void (await call('POST', 'wechat/pay', { outTradeNo })),
    notify: (notification) => call('POST', 'wechat/notify', notification),
    order: async (outTradeNo) =>
      wechatOrder.parse(await call('GET', `wechat/orders/${encodeURIComponent(outTradeNo)}`)),
    objects: async (prefix = '') => listOf(storedObject).parse(await call('GET', `objects${query({ prefix })}`)),
  };
}

/** A list, bare or as the only list of an object such as `{calls: […]}`. */
function listOf<T extends z.ZodType>(item: T) {
  return z.preprocess(unwrap, z.array(item));
}

function unwrap(value: unknown): unknown {
  return value && typeof value === 'object' && !Array.isArray(value)
    ? Object.values(value).find((member) => Array.isArray(member))
    : value;
}

function query(values: Readonly<Record<string, string | number | undefined>>): string {
  const given = new URLSearchParams();
  for (const [name, value] of Object.entries(values)) if (value !== undefined) given.set(name, String(value));
  return given.size === 0 ? '' : `?${given.toString()}`;
}

async function request(baseUrl: string, method: string, path: string, body: unknown): Promise<unknown> {
  const response = await fetch(`${baseUrl}/_control/${path}`, {
    method,
    ...(body === undefined ? {} : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`sandbox: ${method} /_control/${path} answered ${response.status}: ${text}`);
  return text === '' ? undefined : JSON.parse(text);
}
