import { sql } from 'kysely';
import type { Rule } from '../rule.ts';

/** A whole number of a plan as it was sold; NULL where it says null or nothing. */
const ofPlan = (path: string) =>
  sql`CAST(NULLIF(JSON_UNQUOTE(JSON_EXTRACT(o.plan_snapshot, ${sql.lit(path)})), 'null') AS SIGNED)`;
const months = ofPlan('$.periodMonths');
/** How long what was bought lasts, in microseconds: days of 24 hours, or the months as they were when it was paid. */
const boughtMicros = sql`CASE WHEN ${months} IS NULL THEN ${ofPlan('$.periodDays')} * 86400000000 ELSE o.bought_ms * 1000 END`;

/** I7: each paid transaction grants once, exactly what was bought, or its order says why not. */
export const paymentRules = [
  {
    name: 'payment_is_snapshot',
    invariant: 'I7',
    severity: 'error',
    table: 'payment_transactions',
    explanation: {
      zh: '已入账的付款与订单金额或币种不符',
      en: 'A payment that granted something is not of the amount or currency ordered',
    },
    mend: {
      zh: '金额不符的付款应进入 amount_mismatch；核对后由财务退款或补差。',
      en: 'Such a payment belongs in amount_mismatch; have finance refund it or settle the difference.',
    },
    find: () => sql`
      SELECT p.id, CONCAT('paid ', p.amount_fen, ' ', p.currency, ', ordered ', o.amount_fen, ' ', o.currency) AS detail
      FROM payment_transactions p JOIN orders o ON o.id = p.order_id
      WHERE p.outcome = 'granted' AND (p.amount_fen <> o.amount_fen OR p.currency <> o.currency)`,
  },
  {
    name: 'order_price_is_snapshot',
    invariant: 'I7',
    severity: 'error',
    table: 'orders',
    explanation: {
      zh: '订单金额与其套餐快照的价格不符',
      en: "An order's amount is not the price of the plan it keeps",
    },
    mend: {
      zh: '订单金额只能取自下单时的套餐；不得修改已有订单。',
      en: 'The amount comes from the plan when ordering; an existing order is never edited.',
    },
    find: () => sql`
      SELECT id, CONCAT('amount ', amount_fen, ', plan ', COALESCE(JSON_EXTRACT(plan_snapshot, '$.priceFen'), 'none')) AS detail
      FROM orders WHERE COALESCE(CAST(JSON_EXTRACT(plan_snapshot, '$.priceFen') AS SIGNED), -1) <> amount_fen`,
  },
  {
    name: 'order_is_its_payments',
    invariant: 'I7',
    severity: 'error',
    table: 'orders',
    explanation: {
      zh: '订单状态与其付款记录不符（已付须恰有一笔入账，未付须没有付款）',
      en: 'An order is not what its payments say: paid needs exactly one that granted, unpaid none at all',
    },
    mend: {
      zh: '向微信支付查询该订单，以查询结果为准，经 acceptPayment 入账。',
      en: 'Query the order at WeChat Pay and let acceptPayment record what it says.',
    },
    find: () => sql`
      SELECT o.id, CONCAT(o.status, ', payments ', COALESCE(p.payments, 0), ', granted ', COALESCE(p.granted, 0)) AS detail
      FROM orders o
      LEFT JOIN (SELECT order_id, COUNT(*) AS payments, SUM(outcome = 'granted') AS granted,
          SUM(outcome = 'amount_mismatch') AS mismatched, SUM(outcome = 'paid_after_close') AS late
        FROM payment_transactions GROUP BY order_id) p ON p.order_id = o.id
      WHERE (o.status IN ('pending', 'closed') AND COALESCE(p.payments, 0) > 0)
         OR (o.status = 'paid' AND COALESCE(p.granted, 0) <> 1)
         OR (o.status = 'amount_mismatch' AND (COALESCE(p.mismatched, 0) <> 1 OR p.granted > 0))
         OR (o.status = 'paid_after_close' AND (COALESCE(p.late, 0) <> 1 OR p.granted > 0))
         OR (o.status IN ('refunding', 'refunded', 'partially_refunded')
           AND COALESCE(p.granted, 0) + COALESCE(p.mismatched, 0) + COALESCE(p.late, 0) <> 1)
         OR COALESCE(p.granted, 0) > 1`,
  },
  {
    name: 'payment_grants_once',
    invariant: 'I7',
    severity: 'error',
    table: 'orders',
    explanation: {
      zh: '入账的付款没有恰好发放一次所购配额，或配额没有对应的入账付款',
      en: 'A payment did not grant the quota bought exactly once, or purchased quota has no such payment',
    },
    mend: {
      zh: '付款记录与发放必须在同一事务内，以 order:<订单号> 为唯一键。',
      en: 'Record the payment and grant in one transaction, unique by order:<orderId>.',
    },
    find: () => sql`
      SELECT o.id, CONCAT('granted payments ', COALESCE(p.granted, 0), ', quota ', COALESCE(g.amount, 0)) AS detail
      FROM orders o
      LEFT JOIN (SELECT order_id, COUNT(*) AS granted FROM payment_transactions WHERE outcome = 'granted'
        GROUP BY order_id) p ON p.order_id = o.id
      LEFT JOIN (SELECT order_id, SUM(amount) AS amount FROM quota_grants WHERE order_id IS NOT NULL
        GROUP BY order_id) g ON g.order_id = o.id
      WHERE COALESCE(g.amount, 0) <> CASE WHEN p.granted > 0
        THEN COALESCE(CAST(JSON_EXTRACT(o.plan_snapshot, '$.quota') AS SIGNED), 0) ELSE 0 END`,
  },
  {
    name: 'payment_gives_days',
    invariant: 'I7',
    severity: 'error',
    table: 'orders',
    explanation: {
      zh: '入账订单的会员时长与随退款终止的时长之和不等于所购时长（每天 24 小时，或购买时的自然月）',
      en: 'The membership periods of a paid order, with what ended by refunds, do not add up to the time bought (days of 24 hours, or the months as they were then)',
    },
    mend: {
      zh: '排期只能移动或拆分会员时段，不能缩短；核对 membership_periods。',
      en: 'Rescheduling moves and splits periods and never shortens them; look at membership_periods.',
    },
    find: () => sql`
      SELECT o.id, CONCAT('seconds ', COALESCE(m.micros, 0) / 1000000, ', ended with refunds ', COALESCE(r.micros, 0) / 1000000,
          ', bought ', COALESCE(o.bought, 0) / 1000000) AS detail
      FROM (SELECT id, ${boughtMicros} AS bought FROM orders AS o) AS o
      JOIN (SELECT DISTINCT order_id FROM payment_transactions WHERE outcome = 'granted') p ON p.order_id = o.id
      LEFT JOIN (SELECT order_id, SUM(TIMESTAMPDIFF(MICROSECOND, starts_at, ends_at)) AS micros FROM membership_periods
        GROUP BY order_id) m ON m.order_id = o.id
      LEFT JOIN (SELECT order_id, SUM(removed_ms) * 1000 AS micros FROM order_refunds WHERE status <> 'closed'
        GROUP BY order_id) r ON r.order_id = o.id
      WHERE COALESCE(m.micros, 0) + COALESCE(r.micros, 0) <> COALESCE(o.bought, 0)`,
  },
  {
    name: 'months_are_months',
    invariant: 'I7',
    severity: 'error',
    table: 'orders',
    explanation: {
      zh: '按月套餐的实际时长不在所购月数的范围内',
      en: 'What a plan by the month lasted is no such number of calendar months',
    },
    mend: {
      zh: '按购买时刻与上海时间的日历核对 orders.bought_ms。',
      en: "Reckon orders.bought_ms again from when the period began, by Asia/Shanghai's calendar.",
    },
    find: () => sql`
      SELECT o.id, CONCAT('ms ', COALESCE(o.bought_ms, 0), ', months ', ${months}) AS detail FROM orders o
      JOIN (SELECT DISTINCT order_id FROM payment_transactions WHERE outcome = 'granted') p ON p.order_id = o.id
      WHERE ${months} IS NOT NULL
        AND (o.bought_ms IS NULL OR o.bought_ms < ${months} * 28 * 86400000 OR o.bought_ms > (${months} * 31 + 1) * 86400000)`,
  },
  {
    name: 'periods_do_not_overlap',
    invariant: 'I7',
    severity: 'error',
    table: 'membership_periods',
    explanation: { zh: '会员时段重叠，已购天数被吞掉', en: 'Two periods of a member overlap: paid days are lost' },
    mend: {
      zh: '把后一段移到前一段结束之后。',
      en: 'Move the later period behind the end of the earlier.',
    },
    find: () => sql`
      SELECT id, CONCAT('ends ', ends_at, ', next begins ', next_start) AS detail FROM (
        SELECT id, ends_at, LEAD(starts_at) OVER (PARTITION BY user_id ORDER BY starts_at, id) AS next_start
        FROM membership_periods) AS schedule
      WHERE ends_at > next_start`,
  },
] as const satisfies readonly Rule[];
