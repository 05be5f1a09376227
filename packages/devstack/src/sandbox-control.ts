import { z } from 'zod';
import { until } from './poll.ts';

const vendor = z.enum(['wechat', 'cos', 'sts', 'ci', 'sms', 'runninghub', 'scf', 'ims', 'robot']);
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

const smsMessage = z.looseObject({
  phone: z.string(),
  text: z.string(),
  params: z.array(z.string()),
  code: z.string().nullable(),
  sentAt: z.string(),
});
const storedObject = z.looseObject({ key: z.string(), bytes: z.number(), etag: z.string() });
const paid = {
  outTradeNo: z.string(),
  tradeState: z.enum(['NOTPAY', 'SUCCESS', 'CLOSED']),
  transactionId: z.string().optional(),
  totalFen: z.number().optional(),
};
const wechatPayment = z.looseObject(paid);
const wechatOrder = z.looseObject({
  ...paid,
  codeUrl: z.string().nullable(),
  /** Path of the scan-and-pay page below the sandbox's url. */
  payPath: z.string().nullable(),
  notifications: z.array(z.unknown()),
  refunds: z.array(
    z.looseObject({
      outRefundNo: z.string(),
      refundFen: z.number(),
      status: z.enum(['PROCESSING', 'SUCCESS', 'CLOSED', 'ABNORMAL']),
    }),
  ),
});
const runninghubTask = z.looseObject({
  taskId: z.string(),
  account: z.enum(['a', 'b']),
  product: z.enum(['pose', 'video']),
  status: z.enum(['QUEUED', 'RUNNING', 'SUCCESS', 'FAILED']),
  cancelRequested: z.boolean(),
  webhookUrl: z.string().nullable(),
  faults: z.array(z.string()),
});
const scfInvocation = z.looseObject({
  requestId: z.string(),
  function: z.string(),
  jobId: z.string().optional(),
  taskId: z.string().optional(),
  state: z.enum(['waiting', 'running', 'succeeded', 'failed']),
  /** How often it was run, retries and duplicates included. */
  runs: z.number(),
  message: z.string().nullable(),
  callbacks: z.array(z.object({ at: z.string(), kind: z.string(), status: z.number().nullable() })),
});
/** A call of a cloud function the platform accepted. */
export type ScfInvocation = z.infer<typeof scfInvocation>;

/** What the moderator says of a picture; label and score have defaults for each suggestion. */
export type ModerationVerdict = {
  sha256: string;
  suggestion: 'Pass' | 'Review' | 'Block';
  label?: string;
  subLabel?: string;
  score?: number;
};

/** A task RunningHub took, whether we know of it or not. */
export type RunningHubTask = z.infer<typeof runninghubTask>;

const robot = z.object({ url: z.string(), key: z.string(), secret: z.string() });
/** A robot of a chat, as somebody adds it there: its address, and the secret that signs for it. */
export type Robot = z.infer<typeof robot>;
const robotMessages = z.object({ messages: z.array(z.object({ key: z.string(), text: z.string() })) });

const notified = z.object({ statuses: z.array(z.number().nullable()) });
export type SmsMessage = z.infer<typeof smsMessage>;
export type StoredObject = z.infer<typeof storedObject>;
export type WechatPayment = z.infer<typeof wechatPayment>;
export type WechatOrder = z.infer<typeof wechatOrder>;

/** One or more notifications of a paid order, bent by `kind` when there is one. */
export type NotifyRequest = {
  outTradeNo: string;
  count?: number;
  parallel?: boolean;
  kind?: `notify_${string}`;
  totalFen?: number;
};

/** A payment in WeChat's book, made at any time. */
export type BookedOrder = {
  outTradeNo: string;
  transactionId?: string;
  totalFen: number;
  paidAt: Date;
  refunds?: {
    outRefundNo: string;
    refundId?: string;
    refundFen: number;
    createdAt: Date;
    status?: 'PROCESSING' | 'SUCCESS' | 'CLOSED' | 'ABNORMAL';
  }[];
};

/** How a day's bill is odd or wrong; the sandbox's README lists the bends. */
export type BillPlan = {
  /** YYYY-MM-DD in Asia/Shanghai. */
  day: string;
  kind: 'trade' | 'fund_flow';
  bends?: readonly string[];
  /** By WeChat's number of the payment or refund and the bill's own names of columns. */
  edits?: readonly (
    | { op: 'set'; number: string; values: Readonly<Record<string, string>> }
    | { op: 'drop' | 'duplicate'; number: string }
    | { op: 'add'; values: Readonly<Record<string, string>> }
  )[];
  /** So many questions are answered that it is being made. */
  creatingFor?: number;
};

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
  /** Messages sent to a phone (E.164), newest first. */
  sms(phone: string): Promise<SmsMessage[]>;
  /** The newest code sent to a phone; waits until there is one. */
  smsCode(phone: string): Promise<string>;
  /** The vendor charges for so many segments at these times, beside what was sent. */
  smsCharges(charges: readonly { at: Date; segments: number }[]): Promise<void>;
  /** Scans the order's code and pays it. */
  pay(outTradeNo: string): Promise<WechatPayment>;
  /** Pays as a WeChat client does, with what the merchant signed for it. */
  payByClient(params: Readonly<Record<string, string>>): Promise<WechatPayment>;
  /** Moves a refund on when a status is given, tells us of it, and answers the HTTP statuses of our server. */
  refund(request: {
    outRefundNo: string;
    status?: 'SUCCESS' | 'CLOSED' | 'ABNORMAL';
    count?: number;
  }): Promise<(number | null)[]>;
  /** Notifies now and answers the HTTP statuses of our server (null where there was no answer). */
  notify(request: NotifyRequest): Promise<(number | null)[]>;
  order(outTradeNo: string): Promise<WechatOrder>;
  /** Adds payments to WeChat's book as they stand. */
  book(orders: readonly BookedOrder[]): Promise<void>;
  bill(plan: BillPlan): Promise<void>;
  objects(prefix?: string): Promise<StoredObject[]>;
  /** Every task RunningHub took, newest first. */
  runninghubTasks(): Promise<RunningHubTask[]>;
  /** How long new tasks take, in real milliseconds, and how many unfinished ones an account may have; until a reset. */
  runninghubSettings(settings: { workMs?: number; concurrency?: { a?: number; b?: number } }): Promise<void>;
  /** What a task is said to have used from now on, in yuan or coins as decimal text; or that it is no longer found. */
  runninghubTask(
    taskId: string,
    change: { usage?: { consumeMoney: string | null; consumeCoins: string | null }; forget?: boolean },
  ): Promise<void>;
  /** Pays into an account, or takes from it, in thousandths of a yuan and coins. */
  runninghubWallet(account: 'a' | 'b', change: { milliYuan?: number; coins?: number }): Promise<void>;
  /** Every accepted call of a cloud function, newest first. */
  scfInvocations(): Promise<ScfInvocation[]>;
  /** Variables of every cloud function, over the sandbox's own; until a reset. */
  scfEnvironment(variables: Record<string, string>): Promise<void>;
  /** Decides about a picture by the SHA-256 of its bytes; what nobody decided passes. */
  moderationVerdict(verdict: ModerationVerdict): Promise<void>;
  addRobot(format: 'wecom' | 'feishu' | 'json'): Promise<Robot>;
  /** What it said in its chat, oldest first. */
  robotSaid(robot: Robot): Promise<string[]>;
};

/** The sandbox's control endpoints, typed. A refusal throws with the sandbox's own words. */
export function sandboxControl(baseUrl: string): SandboxControl {
  const call = (method: string, path: string, body?: unknown): Promise<unknown> => request(baseUrl, method, path, body);
  const sms = async (phone: string): Promise<SmsMessage[]> =>
    z.object({ messages: z.array(smsMessage) }).parse(await call('GET', `sms${query({ phone })}`)).messages;
  return {
    fault: async (fault) => void (await call('POST', 'faults', fault)),
    clearFaults: async () => void (await call('DELETE', 'faults')),
    faults: async () => z.object({ faults: z.array(z.unknown()) }).parse(await call('GET', 'faults')).faults,
    log: async (filter = {}) =>
      z.object({ calls: z.array(loggedCall) }).parse(await call('GET', `log${query(filter)}`)).calls,
    reset: async () => void (await call('POST', 'reset')),
    sms,
    smsCode: (phone) => until(async () => (await sms(phone))[0]?.code, { what: `a code for ${phone}` }),
    smsCharges: async (charges) => void (await call('POST', 'sms/charges', { charges })),
    pay: async (outTradeNo) => wechatPayment.parse(await call('POST', 'wechat/pay', { outTradeNo })),
    payByClient: async (params) => wechatPayment.parse(await call('POST', 'wechat/pay-client', params)),
    refund: async (refund) => notified.parse(await call('POST', 'wechat/refund', refund)).statuses,
    notify: async (notification) => notified.parse(await call('POST', 'wechat/notify', notification)).statuses,
    order: async (outTradeNo) =>
      wechatOrder.parse(await call('GET', `wechat/orders/${encodeURIComponent(outTradeNo)}`)),
    book: async (orders) => void (await call('POST', 'wechat/book', { orders })),
    bill: async (plan) => void (await call('POST', 'wechat/bill', plan)),
    objects: async (prefix = '') =>
      z.object({ objects: z.array(storedObject) }).parse(await call('GET', `objects${query({ prefix })}`)).objects,
    runninghubTasks: async () =>
      z.object({ tasks: z.array(runninghubTask) }).parse(await call('GET', 'runninghub/tasks')).tasks,
    runninghubTask: async (taskId, change) => void (await call('POST', 'runninghub/tasks', { taskId, ...change })),
    runninghubWallet: async (account, change) => void (await call('POST', 'runninghub/wallet', { account, ...change })),
    scfInvocations: async () =>
      z.object({ invocations: z.array(scfInvocation) }).parse(await call('GET', 'scf/invocations')).invocations,
    scfEnvironment: async (variables) => void (await call('POST', 'scf/env', variables)),
    moderationVerdict: async (verdict) => void (await call('POST', 'ims/verdicts', verdict)),
    addRobot: async (format) => robot.parse(await call('POST', 'robots', { format })),
    robotSaid: async ({ key }) =>
      robotMessages.parse(await call('GET', `robots/messages${query({ key })}`)).messages.map(({ text }) => text),
    runninghubSettings: async (settings) => void (await call('POST', 'runninghub/settings', settings)),
  };
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
