import { type Db, newId } from '@yunshang/db';
import { type BilledOrder, makeRefund } from './billed-orders.ts';
import type { BillPlan, SandboxControl } from './sandbox-control.ts';

type Edits = NonNullable<BillPlan['edits']>;
/** What one difference changes in the bills, and what is then found. */
type Planted = { trade?: Edits; flow?: Edits; found: [kind: string, subject: string][] };
type Shop = {
  db: Db;
  sandbox: { control: SandboxControl; settings: { appid: string; mchid: string } };
  day: string;
  paidAt: Date;
};

/** Every difference has orders of its own; this many in all are needed. */
export const PLANTED_ORDERS = 22;

const time = (at: Date): string => new Date(at.getTime() + 8 * 3_600_000).toISOString().slice(0, 19).replace('T', ' ');

/** An order of that member that was never paid here. */
async function unpaidOrder({ db, paidAt }: Shop, member: BilledOrder, status: 'pending' | 'closed'): Promise<string> {
  const id = newId();
  const {
    id: _id,
    open_plan: _open,
    ...like
  } = await db.selectFrom('orders').selectAll().where('id', '=', member.orderId).executeTakeFirstOrThrow();
  const createdAt = new Date(paidAt.getTime() - 60_000);
  const plan = typeof like.plan_snapshot === 'string' ? like.plan_snapshot : JSON.stringify(like.plan_snapshot);
  await db
    .insertInto('orders')
    .values({
      ...like,
      plan_snapshot: plan,
      payer: null,
      id,
      out_trade_no: id,
      status,
      created_at: createdAt,
      expires_at: paidAt,
      paid_at: null,
      closed_at: status === 'closed' ? paidAt : null,
    })
    .execute();
  return id;
}

function paidRow({ sandbox, paidAt }: Shop, of: { transactionId: string; outTradeNo: string }): Record<string, string> {
  return {
    交易时间: time(paidAt),
    公众账号ID: sandbox.settings.appid,
    商户号: sandbox.settings.mchid,
    微信订单号: of.transactionId,
    商户订单号: of.outTradeNo,
    交易类型: 'NATIVE',
    交易状态: 'SUCCESS',
    货币种类: 'CNY',
    应结订单金额: '99.00',
    微信退款单号: '0',
    商户退款单号: '0',
    退款金额: '0.00',
    充值券退款金额: '0.00',
    手续费: '0.00000',
    订单金额: '99.00',
    申请退款金额: '0.00',
  };
}

function refundRow(
  shop: Shop,
  of: { transactionId: string; outTradeNo: string; refundId: string },
): Record<string, string> {
  return {
    ...paidRow(shop, of),
    交易状态: 'REFUND',
    应结订单金额: '0.00',
    订单金额: '0.00',
    微信退款单号: of.refundId,
    商户退款单号: `OUT${of.refundId}`,
    退款金额: '1.00',
    申请退款金额: '1.00',
    退款状态: 'SUCCESS',
  };
}

function movement({ paidAt }: Shop, of: { number: string; yuan: string; type: '交易' | '退款' }) {
  return {
    记账时间: time(paidAt),
    微信支付业务单号: of.number,
    资金流水单号: `F${of.number}`,
    业务名称: of.type,
    业务类型: of.type,
    收支类型: of.type === '交易' ? '收入' : '支出',
    '收支金额(元)': of.yuan,
    '账户结余(元)': '0.00',
  };
}

const set = (number: string, values: Record<string, string>): Edits => [{ op: 'set', number, values }];

/**
 * Plants one of each difference that a row can have, and of those that leave the rest of a bill readable; the bills of the day are odd
 * besides. Answers `kind subject` of all that is then to be found, sorted.
 */
export async function plantDifferences(shop: Shop, orders: readonly BilledOrder[]): Promise<string[]> {
  const planted = await plantRows(shop, orders);
  const { day } = shop;
  const { control } = shop.sandbox;
  const trade = planted.flatMap((one) => one.trade ?? []);
  const flow = planted.flatMap((one) => one.flow ?? []);
  await control.bill({ day, kind: 'trade', edits: trade, bends: ['wrong_summary', 'garbage_row'] });
  await control.bill({ day, kind: 'fund_flow', edits: flow, bends: ['bom', 'crlf', 'reordered'] });
  return [
    ...planted.flatMap(({ found }) => found.map(([kind, subject]) => `${kind} ${subject}`)),
    `summary_differs trade:${day}`,
    `bill_bad_rows trade:${day}`,
  ].toSorted();
}

async function plantRows(shop: Shop, orders: readonly BilledOrder[]): Promise<Planted[]> {
  const left = [...orders];
  const next = (): BilledOrder => {
    const order = left.pop();
    if (order === undefined) throw new Error('too few orders to plant in');
    return order;
  };
  return [...(await plantPayments(shop, next)), ...(await plantRefunds(shop, next)), ...plantMovements(shop, next)];
}

type Next = () => BilledOrder;

async function plantPayments(shop: Shop, next: Next): Promise<Planted[]> {
  const { db, sandbox, paidAt } = shop;
  const [pending, closed] = [await unpaidOrder(shop, next(), 'pending'), await unpaidOrder(shop, next(), 'closed')];
  const book = { totalFen: 9_900, paidAt };
  await sandbox.control.book([
    { ...book, outTradeNo: pending, transactionId: 'PAIDTHERE' },
    { ...book, outTradeNo: 'NEVERORDERED', transactionId: 'STRANGE' },
  ]);
  const [dropped, poorer, dollars, late, foreign, mixed, twice, dear] = Array.from({ length: 8 }, next).map(
    ({ transactionId }) => transactionId,
  ) as [string, string, string, string, string, string, string, string];
  const { orderId: ungranted, transactionId: hollow } = next();
  await db
    .updateTable('quota_grants')
    .set((eb) => ({ amount: eb('amount', '+', 1) }))
    .where('order_id', '=', ungranted)
    .execute();
  return [
    { found: [['paid_not_credited', 'PAIDTHERE']] },
    { found: [['unknown_order', 'STRANGE']] },
    {
      trade: [{ op: 'add', values: paidRow(shop, { transactionId: 'UNCONFIRMED', outTradeNo: closed }) }],
      flow: [{ op: 'add', values: movement(shop, { number: 'UNCONFIRMED', yuan: '99.00', type: '交易' }) }],
      found: [['paid_unconfirmed', 'UNCONFIRMED']],
    },
    { found: [['paid_not_granted', hollow]] },
    { trade: [{ op: 'drop', number: dropped }], found: [['credited_not_there', dropped]] },
    {
      trade: set(poorer, { 订单金额: '1.00', 应结订单金额: '1.00' }),
      flow: set(poorer, { '收支金额(元)': '1.00' }),
      found: [['amount_differs', poorer]],
    },
    { trade: set(dollars, { 货币种类: 'USD' }), found: [['currency_differs', dollars]] },
    {
      trade: set(late, { 交易时间: time(new Date(paidAt.getTime() + 600_000)) }),
      found: [['paid_time_differs', late]],
    },
    { trade: set(foreign, { 商户号: '1900000109' }), found: [['wrong_merchant', foreign]] },
    { trade: set(mixed, { 商户订单号: dropped }), found: [['order_differs', mixed]] },
    { trade: [{ op: 'duplicate', number: twice }], found: [['duplicate_in_bill', twice]] },
    {
      trade: set(dear, { 手续费: '5.94000' }),
      flow: set(`${dear}:fee`, { '收支金额(元)': '5.94' }),
      found: [['fee_differs', dear]],
    },
  ];
}

async function plantRefunds(shop: Shop, next: Next): Promise<Planted[]> {
  const { db, sandbox, paidAt } = shop;
  const there = { outRefundNo: 'REFUNDEDTHERE', refundId: 'R-THERE', refundFen: 9_900, createdAt: paidAt };
  const healed = next();
  const book = { totalFen: 9_900, paidAt };
  const booked = (order: BilledOrder, refund: object) => ({
    ...book,
    outTradeNo: order.orderId,
    transactionId: order.transactionId,
    refunds: [refund as typeof there],
  });
  const [onlyHere, otherSum, otherState, whole] = await Promise.all(
    Array.from({ length: 4 }, () => makeRefund(db, next(), { refundFen: 100, at: paidAt })),
  );
  const unconfirmed = next();
  if (onlyHere === undefined || otherSum === undefined || otherState === undefined || whole === undefined)
    throw new Error('no refunds');
  const bothSides = [otherSum, otherState, whole].map((refund) =>
    booked(refund, {
      outRefundNo: refund.outRefundNo,
      refundId: refund.vendorRefundId,
      refundFen: 100,
      createdAt: paidAt,
    }),
  );
  await sandbox.control.book([booked(healed, there), ...bothSides]);
  const strangeRow = refundRow(shop, { transactionId: 'NOPAYMENT', outTradeNo: 'NOPAYMENT', refundId: 'R-STRANGE' });
  const { transactionId, orderId: outTradeNo } = unconfirmed;
  const unconfirmedRow = refundRow(shop, { transactionId, outTradeNo, refundId: 'R-UNCONFIRMED' });
  const back = (number: string): Edits => [
    { op: 'add', values: movement(shop, { number, yuan: '1.00', type: '退款' }) },
  ];
  return [
    { found: [['refunded_there_not_here', 'R-THERE']] },
    {
      trade: [{ op: 'add', values: unconfirmedRow }],
      flow: back('R-UNCONFIRMED'),
      found: [['refund_unconfirmed', 'R-UNCONFIRMED']],
    },
    {
      trade: [{ op: 'add', values: strangeRow }],
      flow: back('R-STRANGE'),
      found: [['refund_unknown_payment', 'R-STRANGE']],
    },
    { found: [['refunded_here_not_there', onlyHere.vendorRefundId]] },
    {
      trade: set(otherSum.vendorRefundId, { 退款金额: '2.00', 申请退款金额: '2.00' }),
      flow: set(otherSum.vendorRefundId, { '收支金额(元)': '2.00' }),
      found: [['refund_amount_differs', otherSum.vendorRefundId]],
    },
    {
      trade: set(otherState.vendorRefundId, { 退款状态: 'FAIL' }),
      found: [['refund_state_differs', otherState.vendorRefundId]],
    },
    { found: [] },
  ];
}

function plantMovements(shop: Shop, next: Next): Planted[] {
  const [missing, other] = [next().transactionId, next().transactionId];
  return [
    { flow: [{ op: 'drop', number: missing }], found: [['fund_flow_missing', missing]] },
    { flow: set(other, { '收支金额(元)': '98.00' }), found: [['fund_flow_amount_differs', other]] },
    {
      flow: [{ op: 'add', values: movement(shop, { number: 'UNTRADED', yuan: '5.00', type: '交易' }) }],
      found: [['fund_flow_unknown', 'UNTRADED:FUNTRADED']],
    },
  ];
}
