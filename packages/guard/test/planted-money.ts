import { type Db, newId, type OrderRefundsTable, type OrdersTable, type PaymentTransactionsTable } from '@yunshang/db';
import type { Insertable, Updateable } from 'kysely';
import { dropJob, nextOf, type PlantedCase } from './planted.ts';
import { at, moneyRow, NOW, paymentRow, periodRow, type World } from './world.ts';

const REFUND = '01REF0ND000000000000000000';
const insertRefund = (db: Db, world: World, values: Partial<Insertable<OrderRefundsTable>>) =>
  db
    .insertInto('order_refunds')
    .values({
      id: REFUND,
      order_id: world.paidOrder,
      payment_id: world.payment,
      user_id: world.userId,
      out_refund_no: REFUND,
      cause: 'finance',
      reason: 'planted',
      amount_fen: 100,
      status: 'intended',
      created_at: NOW,
      updated_at: NOW,
      ...values,
    })
    .execute();
const setPayment = (db: Db, id: string, values: Updateable<PaymentTransactionsTable>) =>
  db.updateTable('payment_transactions').set(values).where('id', '=', id).execute();
const setOrder = (db: Db, id: string, values: Updateable<OrdersTable>) =>
  db.updateTable('orders').set(values).where('id', '=', id).execute();

/** Faults of orders, payments, refunds and memberships, and the rule that finds each. `the` is the healthy world they are planted in. */
export const moneyCases = (the: () => World): PlantedCase[] => [
  {
    rule: 'closed_order_stays',
    by: 'a closed order that was paid all the same',
    plant: (db) => setOrder(db, the().closedOrder, { status: 'paid' }),
    id: () => the().closedOrder,
  },
  {
    rule: 'payment_is_snapshot',
    by: 'a grant for 1 fen',
    plant: (db) =>
      db.updateTable('payment_transactions').set({ amount_fen: 1 }).where('id', '=', the().payment).execute(),
    id: () => the().payment,
  },
  {
    rule: 'order_price_is_snapshot',
    by: 'an edited price',
    plant: (db) => setOrder(db, the().pendingOrder, { amount_fen: 1 }),
    id: () => the().pendingOrder,
  },
  {
    rule: 'order_is_its_payments',
    by: 'a paid order without a payment',
    plant: (db) => db.deleteFrom('payment_transactions').where('id', '=', the().payment).execute(),
    id: () => the().paidOrder,
  },
  {
    rule: 'order_is_its_payments',
    by: 'a pending order with a payment',
    plant: (db) =>
      db
        .insertInto('payment_transactions')
        .values(paymentRow(newId(), { orderId: the().pendingOrder, outcome: 'second_payment' }))
        .execute(),
    id: () => the().pendingOrder,
  },
  {
    rule: 'payment_grants_once',
    by: 'purchased quota without a payment',
    plant: (db) =>
      db
        .updateTable('payment_transactions')
        .set({ outcome: 'second_payment' })
        .where('id', '=', the().payment)
        .execute(),
    id: () => the().paidOrder,
  },
  {
    rule: 'refunds_within_payment',
    by: 'a promise that no refund keeps',
    plant: (db) => setPayment(db, the().payment, { refunding_fen: 1 }),
    id: () => the().payment,
  },
  {
    rule: 'refund_is_clawed_back',
    by: 'a refund that says it took quota',
    plant: (db) => insertRefund(db, the(), { clawed_quota: 3 }),
    id: () => REFUND,
  },
  {
    rule: 'clawback_due_is_known',
    by: 'a grant of which something is due to nobody',
    plant: (db) => db.updateTable('quota_grants').set({ clawback_due: 1 }).where('id', '=', the().purchase).execute(),
    id: () => the().purchase,
  },
  {
    rule: 'money_is_in_ledger',
    by: 'a refund that succeeded outside the books',
    plant: (db) => insertRefund(db, the(), { status: 'succeeded', succeeded_at: NOW, ended_at: NOW }),
    id: () => REFUND,
  },
  {
    rule: 'money_entry_has_subject',
    by: 'money of another order',
    plant: (db) =>
      db
        .insertInto('money_entries')
        .values({ ...moneyRow(the().payment, { orderId: the().closedOrder, userId: the().userId }), effect_key: 'x' })
        .execute(),
    id: (db) => nextOf(db, 'money_entries'),
  },
  {
    rule: 'order_is_its_refunds',
    by: 'a paid order whose money is on its way back',
    plant: (db) => insertRefund(db, the(), {}),
    id: () => the().paidOrder,
  },
  {
    rule: 'fapiao_within_payment',
    by: 'a fapiao for a fen more than was paid',
    plant: (db) =>
      db
        .insertInto('fapiao')
        .values({
          id: REFUND,
          order_id: the().paidOrder,
          user_id: the().userId,
          kind: 'personal',
          title: 'planted',
          amount_fen: 9_901,
          status: 'requested',
          created_at: NOW,
          updated_at: NOW,
        })
        .execute(),
    id: () => REFUND,
  },
  {
    rule: 'payment_gives_days',
    by: 'a day that was lost',
    plant: (db) =>
      db
        .updateTable('membership_periods')
        .set({ ends_at: at(29 * 1440) })
        .where('id', '=', the().period)
        .execute(),
    id: () => the().paidOrder,
  },
  {
    rule: 'periods_do_not_overlap',
    by: 'a renewal that began too early',
    plant: (db) =>
      db
        .insertInto('membership_periods')
        .values(periodRow(newId(), { userId: the().userId, orderId: the().closedOrder, fromDay: 29, toDay: 59 }))
        .execute(),
    id: () => the().period,
  },
  {
    rule: 'open_refund_has_job',
    by: 'a refund that nobody follows',
    plant: (db) => insertRefund(db, the(), {}),
    id: () => REFUND,
  },
  {
    rule: 'pending_order_has_check',
    by: 'an order that nobody asks about',
    plant: (db) => dropJob(db, `order-check:${the().pendingOrder}:0`),
    id: () => the().pendingOrder,
  },
];
