import type { Db } from '@yunshang/db';
import { sql } from 'kysely';
import { safeSum } from '../costs/amount.ts';
import type { TradeRow } from './bill/trade-bill.ts';
import type { Known, KnownPayment, KnownRefund } from './match-trade.ts';

/** Our books about these rows of a bill: six statements, however many rows they are. */
export async function readKnown(db: Db, mchid: string, rows: readonly TradeRow[]): Promise<Known> {
  const numbers = [...new Set(rows.map(({ outTradeNo }) => outTradeNo))];
  const transactions = [...new Set(rows.map(({ transactionId }) => transactionId))];
  const refundNumbers = rows.flatMap(({ refund }) => (refund === undefined ? [] : [refund.outRefundNo]));
  const [orders, payments, refunds] = await Promise.all([
    db.selectFrom('orders').select(['id', 'out_trade_no']).where('out_trade_no', 'in', numbers).execute(),
    readPayments(db, mchid, transactions),
    readRefunds(db, refundNumbers),
  ]);
  return {
    orders: new Map(orders.map((row) => [row.out_trade_no, row.id])),
    payments: new Map(payments.map((payment) => [payment.transactionId, payment])),
    refunds: new Map(refunds.map((refund) => [refund.outRefundNo, refund])),
  };
}

async function readPayments(db: Db, mchid: string, transactions: readonly string[]): Promise<KnownPayment[]> {
  const rows = await db
    .selectFrom('payment_transactions as p')
    .innerJoin('orders as o', 'o.id', 'p.order_id')
    .select(['p.id', 'p.order_id', 'o.user_id', 'p.transaction_id', 'p.amount_fen', 'p.currency', 'p.outcome'])
    .select(['p.success_time', sql<number>`CAST(JSON_EXTRACT(o.plan_snapshot, '$.quota') AS SIGNED)`.as('quota')])
    .where('p.mchid', '=', mchid)
    .where('p.transaction_id', 'in', transactions)
    .execute();
  if (rows.length === 0) return [];
  const granted = rows.filter(({ outcome }) => outcome === 'granted');
  const [grants, entries] = await Promise.all([
    readGrants(
      db,
      granted.map((row) => row.order_id),
    ),
    db
      .selectFrom('money_entries')
      .select(['payment_id', 'amount_fen'])
      .where(
        'effect_key',
        'in',
        rows.map(({ id }) => `payment:${id}`),
      )
      .execute(),
  ]);
  const entered = new Map(entries.map((row) => [row.payment_id, row.amount_fen]));
  return rows.map((row) => ({
    id: row.id,
    orderId: row.order_id,
    userId: row.user_id,
    transactionId: row.transaction_id,
    amountFen: row.amount_fen,
    currency: row.currency,
    isGranted: row.outcome === 'granted',
    successTime: row.success_time,
    boughtQuota: safeSum(row.quota),
    grantedQuota: row.outcome === 'granted' ? (grants.get(row.order_id) ?? 0) : 0,
    enteredFen: entered.get(row.id),
  }));
}

/** Quota that came of an order, by its id. */
async function readGrants(db: Db, orderIds: readonly string[]): Promise<ReadonlyMap<string, number>> {
  if (orderIds.length === 0) return new Map();
  const rows = await db
    .selectFrom('quota_grants')
    .select(['order_id', 'amount'])
    .where('order_id', 'in', orderIds)
    .execute();
  return new Map(rows.flatMap((row) => (row.order_id === null ? [] : [[row.order_id, row.amount]])));
}

async function readRefunds(db: Db, numbers: readonly string[]): Promise<KnownRefund[]> {
  if (numbers.length === 0) return [];
  const rows = await db
    .selectFrom('order_refunds')
    .select(['id', 'order_id', 'payment_id', 'out_refund_no', 'amount_fen', 'status'])
    .where('out_refund_no', 'in', numbers)
    .execute();
  return rows.map((row) => ({
    id: row.id,
    orderId: row.order_id,
    paymentId: row.payment_id,
    outRefundNo: row.out_refund_no,
    amountFen: row.amount_fen,
    status: row.status,
  }));
}

/** Which of these numbers of WeChat's are payments or refunds that we know, of whatever day. */
export async function listKnownBusiness(db: Db, mchid: string, ids: readonly string[]): Promise<ReadonlySet<string>> {
  if (ids.length === 0) return new Set();
  const [payments, refunds] = await Promise.all([
    db
      .selectFrom('payment_transactions')
      .select('transaction_id')
      .where('mchid', '=', mchid)
      .where('transaction_id', 'in', ids)
      .execute(),
    db.selectFrom('order_refunds').select('vendor_refund_id').where('vendor_refund_id', 'in', ids).execute(),
  ]);
  return new Set([
    ...payments.map((row) => row.transaction_id),
    ...refunds.flatMap((row) => row.vendor_refund_id ?? []),
  ]);
}
