import { sql } from 'kysely';
import type { Rule } from '../rule.ts';

const mend = {
  zh: '停止该账户的写入，按 quota_logs 重算余额，找出缺少流水的那次写入并修复代码，再用一条有原因的流水更正。',
  en: 'Stop writes for the member, recompute the balance from quota_logs, mend the code that moved quota without a row, then correct with a ledger row that states its cause.',
};

/** I1: balance = sum of the ledger = sum of the grants, the ledger has no hole, and nothing is negative. */
export const balanceRules = [
  {
    name: 'balance_is_ledger',
    invariant: 'I1',
    severity: 'error',
    table: 'users',
    explanation: { zh: '余额与流水之和不一致', en: 'The balance is not the sum of the ledger' },
    mend,
    find: () => sql`
      SELECT u.id, CONCAT('balance ', u.quota_remaining, ', ledger ', COALESCE(l.total, 0)) AS detail
      FROM users u LEFT JOIN (SELECT user_id, SUM(amount) AS total FROM quota_logs GROUP BY user_id) l ON l.user_id = u.id
      WHERE u.quota_remaining <> COALESCE(l.total, 0)`,
  },
  {
    name: 'balance_is_grants',
    invariant: 'I1',
    severity: 'error',
    table: 'users',
    explanation: { zh: '余额与各笔额度剩余之和不一致', en: 'The balance is not the sum of what is left in the grants' },
    mend,
    find: () => sql`
      SELECT u.id, CONCAT('balance ', u.quota_remaining, ', grants ', COALESCE(g.total, 0)) AS detail
      FROM users u LEFT JOIN (SELECT user_id, SUM(remaining) AS total FROM quota_grants GROUP BY user_id) g ON g.user_id = u.id
      WHERE u.quota_remaining <> COALESCE(g.total, 0)`,
  },
  {
    name: 'nothing_negative',
    invariant: 'I1',
    severity: 'error',
    table: 'users, quota_grants',
    explanation: { zh: '余额或额度为负数', en: 'A balance or a grant is negative' },
    mend: {
      zh: '检查 CHECK 约束是否被删除，恢复约束后更正该行。',
      en: 'See whether a CHECK was dropped; restore it, then correct the row.',
    },
    find: () => sql`
      SELECT id, quota_remaining AS detail FROM users WHERE quota_remaining < 0
      UNION ALL SELECT id, remaining AS detail FROM quota_grants WHERE remaining < 0 OR remaining > amount`,
  },
  {
    name: 'ledger_unbroken',
    invariant: 'I1',
    severity: 'error',
    table: 'quota_logs',
    explanation: {
      zh: '流水不连续：序号缺失或重复，或前后余额不衔接',
      en: 'The ledger is broken: a number is missing or doubled, or a row does not begin where the one before ended',
    },
    mend: {
      zh: '从备份或审计记录找回缺失的流水；确认只追加的触发器仍然存在。',
      en: 'Recover the missing row from a backup or the audit log; make sure the append-only triggers are still there.',
    },
    find: () => sql`
      SELECT id, CONCAT('user ', user_id, ' seq ', seq, ' begins at ', balance_before) AS detail FROM (
        SELECT id, user_id, seq, amount, balance_before, balance_after,
          COALESCE(LAG(seq) OVER (PARTITION BY user_id ORDER BY seq, id), 0) AS seq_before,
          COALESCE(LAG(balance_after) OVER (PARTITION BY user_id ORDER BY seq, id), 0) AS ended_at
        FROM quota_logs) AS chain
      WHERE seq <> seq_before + 1 OR balance_before <> ended_at OR balance_after <> balance_before + amount`,
  },
  {
    name: 'ledger_complete',
    invariant: 'I1',
    severity: 'error',
    table: 'users',
    explanation: {
      zh: '流水末尾被截断，或计数与流水不符',
      en: 'The end of the ledger is missing, or the count is not its own',
    },
    mend: {
      zh: '从备份或审计记录找回缺失的流水；确认只追加的触发器仍然存在。',
      en: 'Recover the missing row from a backup or the audit log; make sure the append-only triggers are still there.',
    },
    find: () => sql`
      SELECT u.id, CONCAT('counts ', u.ledger_seq, ' rows, last is ', COALESCE(l.last_seq, 0)) AS detail
      FROM users u LEFT JOIN (SELECT user_id, MAX(seq) AS last_seq FROM quota_logs GROUP BY user_id) l ON l.user_id = u.id
      WHERE u.ledger_seq <> COALESCE(l.last_seq, 0)`,
  },
] as const satisfies readonly Rule[];
