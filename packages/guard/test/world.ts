import { randomBytes } from 'node:crypto';
import { insertCosts } from './world-costs.ts';
import { insertPromotions } from './world-promotions.ts';
import { insertLedger } from './world-ledger.ts';
import { type Db, newId, promiseJob, toJson, type Tx } from '@yunshang/db';

export const NOW = new Date('2026-01-15T04:00:00.000Z');
export const at = (minutes: number): Date => new Date(NOW.getTime() + minutes * 60_000);
const DAY_MINUTES = 24 * 60;

const PLAN = {
  planId: 'BASIC',
  version: 1,
  level: 1,
  title: '基础',
  titleEn: 'Basic',
  priceFen: 9900,
  quota: 100,
  periodDays: 30,
};

export type World = {
  userId: string;
  paidOrder: string;
  closedOrder: string;
  pendingOrder: string;
  payment: string;
  period: string;
  purchase: string;
  /** Ended, written off. */
  promotion: string;
  /** Where it came from: a batch of one code that was redeemed. */
  batch: string;
  code: number;
  /** Nobody has claimed it. */
  campaign: string;
  compensation: string;
  succeeded: TaskIds;
  failed: TaskIds;
  /** Refunded into `compensation`. */
  lateFailed: TaskIds;
  open: TaskIds;
  attempt: string;
};
export type TaskIds = { task: string; charge: string };

const taskIds = (): TaskIds => ({ task: newId(), charge: newId() });

/** One healthy member with every kind of thing that can be in order. Balance: 100 − 1 − 2 + 3. */
export async function buildWorld(tx: Tx): Promise<World> {
  const world: World = {
    userId: newId(),
    paidOrder: newId(),
    closedOrder: newId(),
    pendingOrder: newId(),
    payment: newId(),
    period: newId(),
    purchase: newId(),
    promotion: newId(),
    batch: newId(),
    code: 1,
    campaign: newId(),
    compensation: newId(),
    succeeded: taskIds(),
    failed: taskIds(),
    lateFailed: taskIds(),
    open: taskIds(),
    attempt: newId(),
  };
  await insertUser(tx, world.userId, { balance: 100, rows: 9 });
  await insertOrders(tx, world);
  await insertGrants(tx, world);
  await insertPromotions(tx, world);
  await insertTasks(tx, world);
  await insertLedger(tx, world);
  return world;
}

export async function insertUser(
  db: Db,
  id: string,
  { balance, rows }: { balance: number; rows: number },
): Promise<void> {
  await db
    .insertInto('users')
    .values({
      id,
      account_id: id.slice(-12),
      phone_enc: randomBytes(32),
      phone_key_version: 1,
      phone_index: randomBytes(32),
      quota_remaining: balance,
      ledger_seq: rows,
      created_at: NOW,
      updated_at: NOW,
    })
    .execute();
}

async function insertOrders(tx: Tx, world: World): Promise<void> {
  const order = (id: string, status: 'paid' | 'closed' | 'pending') => ({
    id,
    user_id: world.userId,
    out_trade_no: id,
    plan_id: 'BASIC',
    plan_version: 1,
    plan_snapshot: toJson(PLAN),
    amount_fen: 9900,
    currency: 'CNY',
    channel: 'native' as const,
    status,
    created_at: NOW,
    expires_at: at(30),
    paid_at: status === 'paid' ? NOW : null,
    closed_at: status === 'closed' ? at(30) : null,
    updated_at: NOW,
  });
  const { paidOrder, closedOrder, pendingOrder } = world;
  const orders = [order(paidOrder, 'paid'), order(closedOrder, 'closed'), order(pendingOrder, 'pending')];
  await tx.insertInto('orders').values(orders).execute();
  const payload = { orderId: pendingOrder, check: 0 };
  await promiseJob(tx, { job: 'order.reconcile', payload, dedupKey: `order-check:${pendingOrder}:0`, now: NOW });
  await tx
    .insertInto('payment_transactions')
    .values(paymentRow(world.payment, { orderId: paidOrder, outcome: 'granted' }))
    .execute();
  await tx
    .insertInto('money_entries')
    .values(moneyRow(world.payment, { orderId: paidOrder, userId: world.userId }))
    .execute();
  await tx
    .insertInto('membership_periods')
    .values(periodRow(world.period, { userId: world.userId, orderId: paidOrder, fromDay: 0, toDay: 30 }))
    .execute();
}

export function paymentRow(
  id: string,
  payment: { orderId: string; outcome: 'granted' | 'amount_mismatch' | 'paid_after_close' | 'second_payment' },
) {
  return {
    id,
    order_id: payment.orderId,
    mchid: '1900000001',
    transaction_id: id,
    source: 'notification' as const,
    amount_fen: 9900,
    currency: 'CNY',
    outcome: payment.outcome,
    success_time: NOW,
    created_at: NOW,
  };
}

/** The entry of a payment in the ledger of money. */
export function moneyRow(paymentId: string, of: { orderId: string; userId: string }) {
  return {
    kind: 'payment' as const,
    amount_fen: 9900,
    order_id: of.orderId,
    payment_id: paymentId,
    user_id: of.userId,
    effect_key: `payment:${paymentId}`,
    occurred_at: NOW,
    posted_at: NOW,
  };
}

export function periodRow(id: string, period: { userId: string; orderId: string; fromDay: number; toDay: number }) {
  return {
    id,
    user_id: period.userId,
    plan_id: 'BASIC',
    level: 1,
    starts_at: at(period.fromDay * DAY_MINUTES),
    ends_at: at(period.toDay * DAY_MINUTES),
    order_id: period.orderId,
    created_at: NOW,
  };
}

async function insertGrants(tx: Tx, world: World): Promise<void> {
  const base = { user_id: world.userId, created_at: NOW };
  await tx
    .insertInto('quota_grants')
    .values([
      {
        ...base,
        id: world.purchase,
        source: 'purchase',
        amount: 100,
        remaining: 97,
        expires_at: at(30 * DAY_MINUTES),
        order_id: world.paidOrder,
        effect_key: `order:${world.paidOrder}`,
      },
      {
        ...base,
        id: world.promotion,
        source: 'promotion',
        amount: 5,
        remaining: 0,
        expires_at: at(10),
        effect_key: `code:${world.code}:1`,
      },
      {
        ...base,
        id: world.compensation,
        source: 'compensation',
        amount: 3,
        remaining: 3,
        expires_at: at(7 * DAY_MINUTES),
        effect_key: `compensation:${world.lateFailed.charge}`,
      },
    ])
    .execute();
}

type TaskRow = {
  ids: TaskIds;
  userId: string;
  seq: number;
  amount: number;
  status: 'pending' | 'succeeded' | 'failed';
};

/** A task of basic_clean with its charge; a failed one is refunded. */
export async function insertTask(db: Db, row: TaskRow): Promise<void> {
  const { ids, userId, amount, status } = row;
  const charge = ({ pending: 'held', succeeded: 'settled', failed: 'refunded' } as const)[status];
  await db
    .insertInto('quota_charges')
    .values({
      id: ids.charge,
      user_id: userId,
      task_id: ids.task,
      amount,
      status: charge,
      created_at: NOW,
      ended_at: status === 'pending' ? null : at(1),
    })
    .execute();
  await db
    .insertInto('tasks')
    .values({
      id: ids.task,
      user_id: userId,
      feature_id: 'basic_clean',
      feature_seq: row.seq,
      charge_id: ids.charge,
      quota_cost: amount,
      form_version: 1,
      pipeline_version: 1,
      input: toJson({}),
      status,
      stage: 'queued',
      eligible_for_refund: 1,
      refunded: status === 'failed' ? 1 : 0,
      failure_code: status === 'failed' ? 'PROVIDER_FAILED' : null,
      deadline_at: at(60),
      created_at: NOW,
      finished_at: status === 'pending' ? null : at(1),
    })
    .execute();
  await db
    .insertInto('task_events')
    .values(
      (status === 'pending' ? ['pending' as const] : ['pending' as const, status]).map((event) => ({
        task_id: ids.task,
        status: event,
        percent: 0,
        stage: 'queued',
        created_at: NOW,
      })),
    )
    .execute();
}

async function insertTasks(tx: Tx, world: World): Promise<void> {
  const { userId } = world;
  await insertTask(tx, { ids: world.succeeded, userId, seq: 1, amount: 1, status: 'succeeded' });
  await insertTask(tx, { ids: world.failed, userId, seq: 2, amount: 4, status: 'failed' });
  await insertTask(tx, { ids: world.lateFailed, userId, seq: 3, amount: 3, status: 'failed' });
  await insertTask(tx, { ids: world.open, userId, seq: 4, amount: 2, status: 'pending' });
  const taskId = world.open.task;
  await promiseJob(tx, { job: 'task.run', payload: { taskId }, dedupKey: `task:${taskId}`, now: NOW });
  await tx
    .insertInto('task_attempts')
    .values({
      id: world.attempt,
      task_id: world.succeeded.task,
      step_index: 0,
      attempt_no: 1,
      provider_ref: 'builtin-image-engine',
      status: 'succeeded',
      cost_micro_yuan: 2000,
      settled_cost_micro_yuan: 1500,
      started_at: NOW,
      finished_at: at(1),
    })
    .execute();
  await insertCosts(tx, world);
  const part = (ids: TaskIds, grantId: string, direction: 'spend' | 'return', amount: number) => ({
    charge_id: ids.charge,
    grant_id: grantId,
    direction,
    amount,
    created_at: NOW,
  });
  await tx
    .insertInto('quota_allocations')
    .values([
      part(world.succeeded, world.purchase, 'spend', 1),
      part(world.failed, world.purchase, 'spend', 4),
      part(world.failed, world.purchase, 'return', 4),
      part(world.lateFailed, world.promotion, 'spend', 3),
      part(world.lateFailed, world.compensation, 'return', 3),
      part(world.open, world.purchase, 'spend', 2),
    ])
    .execute();
}
