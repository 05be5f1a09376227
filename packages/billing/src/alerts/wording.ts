import type { AlertKind } from '@yunshang/contracts';

type Title = { zh: string; en: string };

const TITLES = {
  provider_down: { zh: '供应商不可用', en: 'A provider is down' },
  provider_account: { zh: '供应商账户异常（欠费、密钥或权限）', en: 'A provider refuses our account' },
  'job.dead': { zh: '后台任务多次失败，已停止重试', en: 'A job has failed for good' },
  amount_mismatch: { zh: '支付金额与订单不符', en: 'A payment differs from its order' },
  fapiao_red_due: { zh: '有发票待红冲', en: 'A fapiao is to be flushed red' },
  late_payment: { zh: '订单关闭后收到付款', en: 'An order was paid after it was closed' },
  refund_abnormal: { zh: '退款异常，需人工处理', en: 'A refund needs a person' },
  budget_80: { zh: '本周预算已用 80 %', en: 'A weekly budget is used to 80 %' },
  budget_100: { zh: '本周预算已用完，新任务被拒绝', en: 'A weekly budget is used up and new tasks are refused' },
  unit_cost_up: { zh: '单次成本上涨超过 30 %', en: 'What one use costs went up by more than 30 %' },
  heavy_use: { zh: '单个用户一小时内扣费超过 100 次', en: 'A member was charged more than 100 times in an hour' },
  low_quota: { zh: '会员配额不足', en: 'A member has little quota left' },
  sms_refused: { zh: '短信平台拒绝发送配额提醒', en: 'Texts about low quota are refused' },
  reconciliation_exception: { zh: '对账发现差异', en: 'Reconciliation found a difference' },
  audit_broken: { zh: '审计链校验失败', en: 'The audit chain does not verify' },
  audit_lag: { zh: '审计封存滞后', en: 'Sealing of the audit log lags' },
  report_differs: { zh: '已结账的报表与账本不符', en: 'The ledgers do not make a closed report again' },
  vendor_account_low: { zh: '供应商账户余额不足', en: 'A vendor account runs low' },
  guard_failed: { zh: '计费守护夜间检查不通过（FAIL）', en: 'The billing guard’s nightly review says FAIL' },
  target_test: { zh: '告警测试，无需处理', en: 'A test of this target; nothing is wrong' },
} satisfies Record<AlertKind, Title>;

function isKnown(kind: string): kind is AlertKind {
  return Object.hasOwn(TITLES, kind);
}

/** Kinds of a later version are told by their name. */
export function titleOf(kind: string): Title {
  return isKnown(kind) ? TITLES[kind] : { zh: kind, en: kind };
}

export type ToldAlert = {
  id: string;
  kind: string;
  details: Readonly<Record<string, string | number>>;
  createdAt: Date;
};

/** Characters of one detail that are shown, and details in all: what every robot takes. */
const LONGEST_VALUE = 120;
const MOST_DETAILS = 8;

/** What is said in a chat: Chinese first, then the facts a person on call looks up. */
export function textOf({ id, kind, details, createdAt }: ToldAlert): string {
  const { zh, en } = titleOf(kind);
  const facts = Object.entries(details)
    .slice(0, MOST_DETAILS)
    .map(([name, value]) => `${name}: ${String(value).slice(0, LONGEST_VALUE)}`);
  return [`【云裳告警】${zh}`, `${en} (${kind})`, ...facts, `${createdAt.toISOString()} · ${id}`].join('\n');
}
