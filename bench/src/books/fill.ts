import type { Db } from '@yunshang/db';
import { makeMembers } from '@yunshang/devstack';
import { sql } from 'kysely';

/** Charges of a member; with the purchase 50 ledger rows. */
const CHARGES = 49;
const AT_ONCE = 500;

/** A charge's place in time: every member has its turn in each round, in an order of no member's. */
const PLACE = '@high + @turn * @members + m.place';
const key = (letter: string): string => `CONCAT('01${letter}', LPAD(${PLACE}, 23, '0'))`;
/** Members one after the other, so that what is kept by member is written in its own order. */
const FROM = 'FROM filling m ORDER BY m.id';

/**
 * `rows` more rows of ledger by set-based statements, with everything that belongs to them: healthy books, each task a success. The
 * rows of a member lie as far apart as in books that grew over months.
 */
export async function fillBooks(db: Db, rows: number): Promise<void> {
  await db.connection().execute(async (session) => {
    const run = async (statement: string): Promise<void> => void (await sql.raw(statement).execute(session));
    await run('SET SESSION foreign_key_checks = 0, unique_checks = 0');
    await run('DROP TABLE IF EXISTS filling');
    await run(`CREATE TABLE filling (id CHAR(26) CHARACTER SET ascii COLLATE ascii_bin PRIMARY KEY,
      grant_id CHAR(26) CHARACTER SET ascii COLLATE ascii_bin UNIQUE, place INT UNIQUE)`);
    const count = Math.ceil(rows / (CHARGES + 1));
    for (let from = 0; from < count; from += AT_ONCE) {
      const members = await makeMembers(session, Math.min(count - from, AT_ONCE));
      const lines = members.map((m, n) => `('${m.userId}', '${m.grantId}', ${placeOf(from + n, count)})`);
      await run(`INSERT INTO filling VALUES ${lines.join(',')}`);
    }
    await run(`SELECT ${count}, GREATEST(${TABLES.map((name) => `(SELECT COALESCE(MAX(id), 0) FROM ${name})`).join(', ')}) + 1
      INTO @members, @high`);
    for (let turn = 0; turn < CHARGES; turn += 1) {
      await run(`SET @turn = ${turn}`);
      for (const statement of STATEMENTS) await run(statement);
    }
    for (const statement of ENDS) await run(statement);
    await run('SET SESSION foreign_key_checks = 1, unique_checks = 1');
  });
}

/** A step that shares no divisor with the count visits every place once. */
function placeOf(n: number, count: number): number {
  let step = Math.floor(count * 0.618) + 1;
  while (commonDivisor(step, count) > 1) step += 1;
  return (n * step) % count;
}

function commonDivisor(one: number, other: number): number {
  return other === 0 ? one : commonDivisor(other, one % other);
}

const NOW = 'UTC_TIMESTAMP(3)';
const TABLES = ['quota_logs', 'quota_allocations', 'task_events', 'cost_entries'] as const;
const STATEMENTS = [
  `INSERT INTO quota_charges (id, user_id, task_id, amount, status, created_at, ended_at)
     SELECT ${key('C')}, m.id, ${key('D')}, 1, 'settled', ${NOW}, ${NOW} ${FROM}`,
  `INSERT INTO tasks (id, user_id, feature_id, feature_seq, charge_id, quota_cost, form_version, pipeline_version, input, status, percent, stage,
       eligible_for_refund, refunded, deadline_at, created_at, finished_at)
     SELECT ${key('D')}, m.id, 'basic_clean', @turn + 1, ${key('C')}, 1, 1, 1, '{}', 'succeeded', 100, 'done', 1, 0, ${NOW}, ${NOW}, ${NOW} ${FROM}`,
  `INSERT INTO quota_logs (id, user_id, seq, kind, amount, balance_before, balance_after, cause, effect_key, charge_id, task_id, created_at)
     SELECT ${PLACE}, m.id, @turn + 2, 'charge', -1, 100 - @turn, 99 - @turn, 'task_created', CONCAT('charge:', ${key('C')}), ${key('C')}, ${key('D')}, ${NOW} ${FROM}`,
  `INSERT INTO quota_allocations (id, charge_id, grant_id, direction, amount, created_at)
     SELECT ${PLACE}, ${key('C')}, m.grant_id, 'spend', 1, ${NOW} ${FROM}`,
  `INSERT INTO task_events (id, task_id, status, percent, stage, created_at) SELECT ${PLACE}, ${key('D')}, 'succeeded', 100, 'done', ${NOW} ${FROM}`,
  `INSERT INTO task_attempts (id, task_id, step_index, attempt_no, provider_ref, status, cost_micro_yuan, started_at)
     SELECT ${key('E')}, ${key('D')}, 0, 1, 'tencent-ci', 'succeeded', 30000, ${NOW} ${FROM}`,
  `INSERT INTO cost_entries (id, kind, item, vendor, provider_ref, amount_micro_yuan, attempt_id, task_id, feature_id, user_id, effect_key, occurred_at, posted_at)
     SELECT ${PLACE}, 'estimate', 'tencent-ci', 'tencent_ci', 'tencent-ci', 30000, ${key('E')}, ${key('D')}, 'basic_clean', m.id,
       CONCAT('attempt:', ${key('E')}, ':estimate'), ${NOW}, ${NOW} ${FROM}`,
];
const ENDS = [
  `UPDATE users u JOIN filling m ON m.id = u.id SET u.quota_remaining = 100 - ${CHARGES}, u.ledger_seq = ${CHARGES + 1}`,
  `UPDATE quota_grants g JOIN filling m ON m.grant_id = g.id SET g.remaining = 100 - ${CHARGES}`,
  'DELETE FROM budget_weeks',
  ...["'feature:basic_clean'", "'global'"].map(
    (scope) => `INSERT INTO budget_weeks (scope, week, spent_micro_yuan)
      SELECT ${scope}, DATE_SUB(DATE(t.created_at + INTERVAL 8 HOUR), INTERVAL WEEKDAY(t.created_at + INTERVAL 8 HOUR) DAY) AS first_day,
        SUM(c.amount_micro_yuan) FROM tasks t STRAIGHT_JOIN cost_entries c ON c.task_id = t.id GROUP BY first_day`,
  ),
];
