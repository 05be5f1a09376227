import type { Db } from '@yunshang/db';
import { makeMembers } from '@yunshang/devstack';
import { sql } from 'kysely';

/** Charges of a member; with the purchase 50 ledger rows. */
const CHARGES = 49;
const AT_ONCE = 500;

const key = (letter: string): string => `CONCAT('01${letter}', LPAD(m.n * ${CHARGES} + c.n, 23, '0'))`;
const FROM = `FROM filling m JOIN turns c WHERE m.n >= @from`;

/** `rows` more rows of ledger by set-based statements, with everything that belongs to them: healthy books, each task a success. */
export async function fillBooks(db: Db, rows: number): Promise<void> {
  await db.connection().execute(async (session) => {
    const run = async (statement: string): Promise<void> => void (await sql.raw(statement).execute(session));
    await run(
      `CREATE TABLE IF NOT EXISTS filling (n INT AUTO_INCREMENT PRIMARY KEY, id CHAR(26) CHARACTER SET ascii COLLATE ascii_bin, grant_id CHAR(26) CHARACTER SET ascii COLLATE ascii_bin)`,
    );
    await run(`CREATE TABLE IF NOT EXISTS turns (n INT PRIMARY KEY)`);
    await run(`INSERT IGNORE INTO turns VALUES ${Array.from({ length: CHARGES }, (_, n) => `(${n})`).join(',')}`);
    for (let left = Math.ceil(rows / (CHARGES + 1)); left > 0; left -= AT_ONCE) {
      const members = await makeMembers(session, Math.min(left, AT_ONCE));
      await run('SELECT COALESCE(MAX(n), 0) + 1 INTO @from FROM filling');
      await run(
        `INSERT INTO filling (id, grant_id) VALUES ${members.map((m) => `('${m.userId}', '${m.grantId}')`).join(',')}`,
      );
      for (const statement of STATEMENTS) await run(statement);
    }
    await run('DELETE FROM budget_weeks');
    for (const scope of ["'feature:basic_clean'", "'global'"])
      await run(`INSERT INTO budget_weeks (scope, week, spent_micro_yuan)
        SELECT ${scope}, DATE_SUB(DATE(t.created_at + INTERVAL 8 HOUR), INTERVAL WEEKDAY(t.created_at + INTERVAL 8 HOUR) DAY) AS first_day,
          SUM(c.amount_micro_yuan) FROM tasks t JOIN cost_entries c ON c.task_id = t.id GROUP BY first_day`);
  });
}

const NOW = 'UTC_TIMESTAMP(3)';
const STATEMENTS = [
  `INSERT INTO quota_charges (id, user_id, task_id, amount, status, created_at, ended_at)
     SELECT ${key('C')}, m.id, ${key('D')}, 1, 'settled', ${NOW}, ${NOW} ${FROM}`,
  `INSERT INTO tasks (id, user_id, feature_id, feature_seq, charge_id, quota_cost, form_version, pipeline_version, input, status, percent, stage,
       eligible_for_refund, refunded, deadline_at, created_at, finished_at)
     SELECT ${key('D')}, m.id, 'basic_clean', c.n + 1, ${key('C')}, 1, 1, 1, '{}', 'succeeded', 100, 'done', 1, 0, ${NOW}, ${NOW}, ${NOW} ${FROM}`,
  `INSERT INTO quota_logs (user_id, seq, kind, amount, balance_before, balance_after, cause, effect_key, charge_id, task_id, created_at)
     SELECT m.id, c.n + 2, 'charge', -1, 100 - c.n, 99 - c.n, 'task_created', CONCAT('charge:', ${key('C')}), ${key('C')}, ${key('D')}, ${NOW} ${FROM}`,
  `INSERT INTO quota_allocations (charge_id, grant_id, direction, amount, created_at) SELECT ${key('C')}, m.grant_id, 'spend', 1, ${NOW} ${FROM}`,
  `INSERT INTO task_events (task_id, status, percent, stage, created_at) SELECT ${key('D')}, 'succeeded', 100, 'done', ${NOW} ${FROM}`,
  `INSERT INTO task_attempts (id, task_id, step_index, attempt_no, provider_ref, status, cost_micro_yuan, started_at)
     SELECT ${key('E')}, ${key('D')}, 0, 1, 'tencent-ci', 'succeeded', 30000, ${NOW} ${FROM}`,
  `INSERT INTO cost_entries (kind, item, vendor, provider_ref, amount_micro_yuan, attempt_id, task_id, feature_id, user_id, effect_key, occurred_at, posted_at)
     SELECT 'estimate', 'tencent-ci', 'tencent_ci', 'tencent-ci', 30000, ${key('E')}, ${key('D')}, 'basic_clean', m.id,
       CONCAT('attempt:', ${key('E')}, ':estimate'), ${NOW}, ${NOW} ${FROM}`,
  `UPDATE users u JOIN filling m ON m.id = u.id SET u.quota_remaining = 100 - ${CHARGES}, u.ledger_seq = ${CHARGES + 1} WHERE m.n >= @from`,
  `UPDATE quota_grants g JOIN filling m ON m.grant_id = g.id SET g.remaining = 100 - ${CHARGES} WHERE m.n >= @from`,
];
