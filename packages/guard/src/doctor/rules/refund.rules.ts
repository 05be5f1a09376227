import { sql } from 'kysely';
import type { Rule } from '../rule.ts';

/** I8: no more money goes back than came, each refund took with it what it had to, and the ledger of money says the same. */
export const refundRules = [
  {
    name: 'refunds_within_payment',
    invariant: 'I8',
    severity: 'error',
    table: 'payment_transactions',
    explanation: {
      zh: '退款之和超过付款，或付款上的已承诺退款与退款单之和不一致',
      en: 'More is refunded than was paid, or what the payment promises back is not the sum of its refunds',
    },
    mend: {
      zh: '停止该订单的退款，与微信支付核对每一笔退款单；已承诺金额只能随退款单的状态变化。',
      en: 'Refund nothing more of the order and compare each refund with WeChat Pay; the promise moves only with the refunds.',
    },
    find: () => sql`
      SELECT p.id, CONCAT('paid ', p.amount_fen, ', promised back ', p.refunding_fen, ', refunds ', COALESCE(r.fen, 0)) AS detail
      FROM payment_transactions p
      LEFT JOIN (SELECT payment_id, SUM(amount_fen) AS fen FROM order_refunds WHERE status <> 'closed' GROUP BY payment_id) r
        ON r.payment_id = p.id
      WHERE p.refunding_fen <> COALESCE(r.fen, 0) OR p.refunding_fen > p.amount_fen`,
  },
  {
    name: 'refund_is_clawed_back',
    invariant: 'I8',
    severity: 'error',
    table: 'order_refunds',
    explanation: {
      zh: '退款收回的配额与流水不符，或已失败的退款没有归还收回的配额',
      en: 'The quota a refund took is not what the ledger says, or a refund that came to nothing did not give it back',
    },
    mend: {
      zh: '收回与退款意向必须在同一事务内写入，以 clawback:<退款单> 为唯一键；失败时以 refund_closed:<退款单> 归还。',
      en: 'Claw back in the transaction of the intent, by clawback:<refund>; give back by refund_closed:<refund>.',
    },
    find: () => sql`
      SELECT r.id, CONCAT('took ', r.clawed_quota, ', ledger ', COALESCE(l.quota, 0), ', given back ', COALESCE(b.amount, g.amount, 0)) AS detail
      FROM order_refunds r
      LEFT JOIN (SELECT SUBSTRING(effect_key, 10, 26) AS refund_id, -SUM(amount) AS quota FROM quota_logs WHERE kind = 'clawback'
        GROUP BY SUBSTRING(effect_key, 10, 26)) l ON l.refund_id = r.id
      LEFT JOIN quota_logs b ON b.effect_key = CONCAT('refund_closed:', r.id)
      LEFT JOIN quota_grants g ON g.effect_key = CONCAT('refund_closed:', r.id)
      WHERE r.clawed_quota <> COALESCE(l.quota, 0)
         OR COALESCE(b.amount, 0) + COALESCE(g.amount, 0) <> (CASE r.status WHEN 'closed' THEN r.clawed_quota ELSE 0 END)`,
  },
  {
    name: 'clawback_due_is_known',
    invariant: 'I8',
    severity: 'error',
    table: 'quota_grants',
    explanation: {
      zh: '额度上待收回的数量与退款单不一致',
      en: 'What is still to be taken of a grant is not what its refunds are due',
    },
    mend: {
      zh: '待收回数量只能随退款意向增加、随任务返还减少；核对该订单的退款单。',
      en: 'It grows with intents and falls with what tasks give back; look at the refunds of the order.',
    },
    find: () => sql`
      SELECT g.id, CONCAT('due ', g.clawback_due, ', refunds ', COALESCE(r.due, 0)) AS detail
      FROM quota_grants g
      LEFT JOIN (SELECT order_id, SUM(due_quota) AS due FROM order_refunds WHERE status <> 'closed' GROUP BY order_id) r
        ON r.order_id = g.order_id
      WHERE g.clawback_due <> COALESCE(r.due, 0)`,
  },
  {
    name: 'money_is_in_ledger',
    invariant: 'I8',
    severity: 'error',
    table: 'payment_transactions, order_refunds',
    explanation: {
      zh: '付款或已完成的退款在资金流水中没有恰好一笔等额记录',
      en: 'A payment, or a refund that succeeded, has not exactly one entry of its amount in the ledger of money',
    },
    mend: {
      zh: '资金流水与付款、退款的状态必须在同一事务内写入；流水只追加，缺失的须补记。',
      en: 'Entry and state are written in one transaction; the ledger only grows, so append what is missing.',
    },
    find: () => sql`
      SELECT p.id, CONCAT('paid ', p.amount_fen, ', entered ', COALESCE(m.amount_fen, 0)) AS detail
      FROM payment_transactions p LEFT JOIN money_entries m ON m.effect_key = CONCAT('payment:', p.id)
      WHERE COALESCE(m.amount_fen, 0) <> p.amount_fen
      UNION ALL SELECT r.id, CONCAT(r.status, ' ', r.amount_fen, ', entered ', COALESCE(m.amount_fen, 0)) AS detail
      FROM order_refunds r LEFT JOIN money_entries m ON m.effect_key = CONCAT('refund:', r.id)
      WHERE COALESCE(m.amount_fen, 0) <> (CASE r.status WHEN 'succeeded' THEN -r.amount_fen ELSE 0 END)`,
  },
  {
    name: 'money_entry_has_subject',
    invariant: 'I8',
    severity: 'error',
    table: 'money_entries',
    explanation: {
      zh: '资金流水没有对应的付款或退款，或属于他人',
      en: "An entry in the ledger of money has no payment or refund, or another member's",
    },
    mend: { zh: '查明写入它的代码。', en: 'Find the code that wrote it.' },
    find: () => sql`
      SELECT m.id, m.effect_key AS detail FROM money_entries m
      LEFT JOIN payment_transactions p ON p.id = m.payment_id AND p.order_id = m.order_id
      LEFT JOIN orders o ON o.id = m.order_id AND o.user_id = m.user_id
      LEFT JOIN order_refunds r ON r.id = m.refund_id AND r.payment_id = m.payment_id
      WHERE p.id IS NULL OR o.id IS NULL OR (m.kind = 'refund') <> (r.id IS NOT NULL)
         OR m.effect_key <> (CASE m.kind WHEN 'payment' THEN CONCAT('payment:', m.payment_id) ELSE CONCAT('refund:', m.refund_id) END)`,
  },
  {
    name: 'fapiao_within_payment',
    invariant: 'I8',
    severity: 'error',
    table: 'fapiao',
    explanation: {
      zh: '发票金额超过实付，或退款后既未要求红冲也未驳回',
      en: 'A fapiao is for more than was paid, or money went back and nobody was asked to flush it red',
    },
    mend: {
      zh: '立即红冲该发票；红冲要求必须与退款成功在同一事务内写入。',
      en: 'Flush it red; the demand is written in the transaction that records the refund.',
    },
    find: () => sql`
      SELECT f.id, CONCAT('fapiao ', f.amount_fen, ', paid ', COALESCE(p.amount_fen, 0), ', back ', COALESCE(r.fen, 0)) AS detail
      FROM fapiao f
      LEFT JOIN payment_transactions p ON p.order_id = f.order_id AND p.outcome = 'granted'
      LEFT JOIN (SELECT payment_id, SUM(amount_fen) AS fen FROM order_refunds WHERE status = 'succeeded' GROUP BY payment_id) r
        ON r.payment_id = p.id
      WHERE f.is_live = 1
        AND f.amount_fen > COALESCE(p.amount_fen, 0) - (CASE WHEN f.red_demanded_at IS NULL THEN COALESCE(r.fen, 0) ELSE 0 END)`,
  },
  {
    name: 'order_is_its_refunds',
    invariant: 'I8',
    severity: 'error',
    table: 'orders',
    explanation: {
      zh: '订单状态与其退款单不符',
      en: 'An order is not what its refunds say: refunding, refunded, refunded in part, or not at all',
    },
    mend: {
      zh: '订单状态只能经 recordRefund 随退款单变化；向微信支付查询该退款单。',
      en: 'It moves only with its refunds, by recordRefund; query the refund at WeChat Pay.',
    },
    find: () => sql`
      SELECT id, CONCAT(status, ', open ', open_refunds, ', back ', back_fen, ' of ', paid_fen) AS detail FROM (
        SELECT o.id, o.status, p.amount_fen AS paid_fen, COALESCE(SUM(r.is_open), 0) AS open_refunds,
          COALESCE(SUM(CASE r.status WHEN 'succeeded' THEN r.amount_fen ELSE 0 END), 0) AS back_fen
        FROM orders o JOIN payment_transactions p ON p.order_id = o.id AND p.outcome <> 'second_payment'
        LEFT JOIN order_refunds r ON r.payment_id = p.id
        GROUP BY o.id, o.status, p.amount_fen) AS money
      WHERE (open_refunds > 0) <> (status = 'refunding')
         OR (open_refunds = 0 AND (back_fen = paid_fen) <> (status = 'refunded'))
         OR (open_refunds = 0 AND (back_fen > 0 AND back_fen < paid_fen) <> (status = 'partially_refunded'))`,
  },
] as const satisfies readonly Rule[];
