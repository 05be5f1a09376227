import { type Report, yuanText } from '@yunshang/contracts';

/** What stands in a cell. Amounts stay whole numbers; how they look is the format's business. */
export type Cell = { text: string } | { count: number } | { fen: number } | { microYuan: number };
/** A table for people: Chinese headings, one row a line. */
export type ReportTable = { title: string; headers: readonly string[]; rows: readonly (readonly Cell[])[] };

const KINDS = { day: '日报', month: '月报', year: '年报' } as const;
const LEDGERS = { money: '资金', costs: '成本', quota: '配额' } as const;
const ENTRY_KINDS: Readonly<Record<string, string>> = {
  payment: '收款',
  refund: '退回',
  estimate: '预估',
  settlement: '结算差额',
  correction: '更正',
  grant: '发放',
  charge: '消耗',
  expire: '过期',
  clawback: '收回',
};

const text = (value: string): Cell => ({ text: value });
const count = (value: number): Cell => ({ count: value });
const fen = (value: number): Cell => ({ fen: value });
const microYuan = (value: number): Cell => ({ microYuan: value });

/** The report as tables: what CSV and XLSX are made of. */
export function reportTables(report: Report): ReportTable[] {
  const tables = [summary(report), plans(report), costs(report), features(report), series(report), corrections(report)];
  return tables.filter((table) => table.rows.length > 0);
}

export function reportTitle({ kind, period }: Report): string {
  return `云裳经营${KINDS[kind]} ${period}`;
}

function summary(report: Report): ReportTable {
  return {
    title: reportTitle(report),
    headers: ['项目', '数值'],
    rows: [...moneyRows(report), ...quotaRows(report), ...memberRows(report)],
  };
}

function moneyRows({ revenue, costs: cost, grossProfitFen, arpuFen }: Report): Cell[][] {
  return [
    [text('收款（元）'), fen(revenue.paidFen)],
    [text('收款笔数'), count(revenue.payments)],
    [text('成交订单数'), count(revenue.ordersPaid)],
    [text('其中应退收款（元）'), fen(revenue.unwantedFen)],
    [text('退款（元）'), fen(revenue.refundedFen)],
    [text('退款笔数'), count(revenue.refunds)],
    [text('净收入（元）'), fen(revenue.netFen)],
    [text('成本（元）'), fen(cost.fen)],
    [text('成本（元，精确）'), microYuan(cost.microYuan)],
    [text('其中支付手续费（元，精确）'), microYuan(cost.vendorFeesMicroYuan)],
    [text('毛利（元）'), fen(grossProfitFen)],
    [text('每会员收入（元，向下取整到分）'), arpuFen === null ? text('—') : fen(arpuFen)],
  ];
}

function quotaRows({ quota }: Report): Cell[][] {
  const { granted } = quota;
  return [
    [text('期初配额'), count(quota.opening)],
    [text('购买发放'), count(granted.purchase)],
    [text('注册赠送'), count(granted.signup)],
    [text('活动赠送'), count(granted.promotion)],
    [text('补偿发放'), count(granted.compensation)],
    [text('退款失败恢复'), count(quota.restored)],
    [text('任务退回'), count(quota.refunded)],
    [text('任务消耗'), count(quota.spent)],
    [text('到期作废'), count(quota.expired)],
    [text('退款收回'), count(quota.clawedBack)],
    [text('期末配额'), count(quota.closing)],
  ];
}

function memberRows({ members }: Report): Cell[][] {
  return [
    [text('期初会员'), count(members.opening)],
    [text('新增会员'), count(members.joined)],
    [text('回归会员'), count(members.returned)],
    [text('续费次数'), count(members.renewed)],
    [text('升级次数'), count(members.upgraded)],
    [text('到期流失'), count(members.lapsed)],
    [text('退款终止'), count(members.endedByRefund)],
    [text('期末会员'), count(members.closing)],
    [text('服务会员'), count(members.served)],
  ];
}

function plans(report: Report): ReportTable {
  return {
    title: '套餐',
    headers: ['套餐', '收款（元）', '收款笔数', '退款（元）', '退款笔数', '净收入（元）'],
    rows: report.plans.map((plan) => [
      text(plan.planId),
      fen(plan.paidFen),
      count(plan.payments),
      fen(plan.refundedFen),
      count(plan.refunds),
      fen(plan.netFen),
    ]),
  };
}

function costs(report: Report): ReportTable {
  return {
    title: '成本',
    headers: ['计费项', '笔数', '成本（元，精确）', '成本（元）'],
    rows: report.costItems.map((cost) => [
      text(cost.item),
      count(cost.entries),
      microYuan(cost.microYuan),
      fen(cost.fen),
    ]),
  };
}

function features(report: Report): ReportTable {
  return {
    title: '功能',
    headers: ['功能', '任务数', '消耗配额', '退回配额', '成本（元，精确）', '成本（元）'],
    rows: report.features.map((feature) => [
      text(feature.featureId),
      count(feature.charges),
      count(feature.spentQuota),
      count(feature.refundedQuota),
      microYuan(feature.costMicroYuan),
      fen(feature.costFen),
    ]),
  };
}

function series(report: Report): ReportTable {
  return {
    title: '明细',
    headers: ['期间', '收款（元）', '退款（元）', '净收入（元）', '成本（元，精确）', '消耗配额'],
    rows: report.series.map((line) => [
      text(line.period),
      fen(line.paidFen),
      fen(line.refundedFen),
      fen(line.netFen),
      microYuan(line.costMicroYuan),
      count(line.spentQuota),
    ]),
  };
}

function corrections(report: Report): ReportTable {
  return {
    title: '更正',
    headers: ['所属期间', '账本', '类别', '是否结账后入账', '笔数', '数额'],
    rows: report.corrections.map((line) => [
      text(line.of),
      text(LEDGERS[line.ledger]),
      text(ENTRY_KINDS[line.kind] ?? line.kind),
      text(line.late ? '是' : '否'),
      count(line.rows),
      amountOf(line),
    ]),
  };
}

function amountOf({ ledger, amount }: Report['corrections'][number]): Cell {
  return ledger === 'money' ? fen(amount) : ledger === 'costs' ? microYuan(amount) : count(amount);
}

const MICRO_YUAN_PER_YUAN = 1_000_000;

/** Yuan with six digits, from micro-yuan: 1544 → "0.001544". Integer arithmetic only. */
export function exactYuanText(amount: number): string {
  const size = Math.abs(amount);
  const rest = size % MICRO_YUAN_PER_YUAN;
  const whole = (size - rest) / MICRO_YUAN_PER_YUAN;
  return `${amount < 0 ? '-' : ''}${whole}.${String(rest).padStart(6, '0')}`;
}

/** The cell as text, amounts in yuan. */
export function cellText(cell: Cell): string {
  if ('text' in cell) return cell.text;
  if ('fen' in cell) return yuanText(cell.fen);
  if ('microYuan' in cell) return exactYuanText(cell.microYuan);
  return String(cell.count);
}
