import type { Db } from '@yunshang/db';
import { sql } from 'kysely';

/** Rows of one statement. */
const CHUNK = 100_000;
export const LEDGER_ROWS = 1_000_000;
const TASKS = 800_000;
const COSTS = 500_000;
const MEMBERS = 20_000;
const PAYMENTS = 50_000;

const id = (number: string): string => `CONCAT('01B', LPAD(${number}, 23, '0'))`;
/** The rows of a ledger are spread over November 2026 of Asia/Shanghai, in the order of their ids. */
const inMonth = (rows: number): string =>
  `'2026-10-31 16:00:00' + INTERVAL n * 2591000000 DIV ${rows / 1000} MICROSECOND`;

/** Books of a busy month: a million rows of quota, what vendors cost and what members paid. Each row is as its table wants it. */
export async function fillMonth(db: Db): Promise<void> {
  await db.connection().execute(async (on) => {
    const run = (statement: string) => sql.raw(statement).execute(on);
    await run('SET SESSION foreign_key_checks = 0, unique_checks = 0');
    await run('CREATE TABLE numbers (n INT PRIMARY KEY)');
    await run(
      `INSERT INTO numbers WITH RECURSIVE digit (d) AS (SELECT 0 UNION ALL SELECT d + 1 FROM digit WHERE d < 9)
         SELECT a.d + 10 * b.d + 100 * c.d + 1000 * e.d + 10000 * f.d FROM digit a, digit b, digit c, digit e, digit f`,
    );
    for (const [table, rows, columns] of tables())
      for (let from = 0; from < rows; from += CHUNK)
        await run(
          `INSERT INTO ${table} (${Object.keys(columns).join(', ')})
             SELECT ${Object.values(columns).join(', ')} FROM (SELECT n + ${from} AS n FROM numbers) AS numbered WHERE n < ${rows}`,
        );
    await run('DROP TABLE numbers');
    await run('SET SESSION foreign_key_checks = 1, unique_checks = 1');
    await run('ANALYZE TABLE quota_logs, cost_entries, money_entries, tasks, quota_grants');
  });
}

type Table = [name: string, rows: number, columns: Readonly<Record<string, string>>];

function tables(): Table[] {
  return [...peopleAndTasks(), ...purchases(), ...ledgers()];
}

function peopleAndTasks(): Table[] {
  const past = "'2026-10-01'";
  return [
    [
      'users',
      MEMBERS,
      {
        id: id('n'),
        account_id: "CONCAT('B', n)",
        phone_enc: "'filled'",
        phone_key_version: '1',
        phone_index: "UNHEX(SHA2(CONCAT('phone', n), 256))",
        created_at: past,
        updated_at: past,
      },
    ],
    [
      'quota_grants',
      CHUNK,
      {
        id: id('n'),
        user_id: id(`n % ${MEMBERS}`),
        source: "IF(n % 3 = 0, 'promotion', 'compensation')",
        amount: '100',
        remaining: '0',
        expires_at: "'2027-01-01'",
        effect_key: id('n'),
        created_at: past,
      },
    ],
    [
      'tasks',
      TASKS,
      {
        id: id('n'),
        user_id: id(`n % ${MEMBERS}`),
        feature_id: "ELT(1 + n % 3, 'basic_clean', 'promo_poster', 'model_pose12')",
        feature_seq: 'n',
        charge_id: id('n'),
        quota_cost: '1',
        form_version: '1',
        pipeline_version: '1',
        input: "'{}'",
        status: "'succeeded'",
        stage: "'done'",
        eligible_for_refund: '1',
        refunded: '0',
        deadline_at: past,
        created_at: past,
        finished_at: past,
      },
    ],
  ];
}

function purchases(): Table[] {
  const paidAt = inMonth(PAYMENTS);
  const price = 'ELT(1 + n % 3, 9900, 19900, 39900)';
  return [
    [
      'orders',
      PAYMENTS,
      {
        id: id('n'),
        user_id: id(`n % ${MEMBERS}`),
        out_trade_no: id('n'),
        plan_id: "ELT(1 + n % 3, 'BASIC', 'PRO', 'PREMIUM')",
        plan_version: '1',
        plan_snapshot: "'{}'",
        amount_fen: price,
        currency: "'CNY'",
        channel: "'native'",
        status: "'paid'",
        created_at: paidAt,
        expires_at: paidAt,
        paid_at: paidAt,
        updated_at: paidAt,
      },
    ],
    [
      'payment_transactions',
      PAYMENTS,
      {
        id: id('n'),
        order_id: id('n'),
        mchid: "'bench'",
        transaction_id: id('n'),
        source: "'notification'",
        amount_fen: price,
        currency: "'CNY'",
        outcome: "'granted'",
        success_time: paidAt,
        created_at: paidAt,
      },
    ],
    [
      'money_entries',
      PAYMENTS,
      {
        kind: "'payment'",
        amount_fen: price,
        order_id: id('n'),
        payment_id: id('n'),
        user_id: id(`n % ${MEMBERS}`),
        effect_key: "CONCAT('payment:', n)",
        occurred_at: paidAt,
        posted_at: paidAt,
      },
    ],
  ];
}

function ledgers(): Table[] {
  const isGrant = 'n % 10 = 0';
  const isRefund = 'n % 10 = 1';
  const amount = `IF(${isGrant}, 9, -1)`;
  const signed = `IF(${isRefund}, 1, ${amount})`;
  return [
    [
      'quota_logs',
      LEDGER_ROWS,
      {
        user_id: id(`n % ${MEMBERS}`),
        seq: '1 + n',
        kind: `IF(${isGrant}, 'grant', IF(${isRefund}, 'refund', 'charge'))`,
        amount: signed,
        balance_before: '100',
        balance_after: `100 + ${signed}`,
        cause: "'filled'",
        effect_key: "CONCAT('filled:', n)",
        grant_id: `IF(${isGrant}, ${id('n DIV 10')}, NULL)`,
        charge_id: `IF(${isGrant}, NULL, ${id(`n % ${TASKS}`)})`,
        task_id: `IF(${isGrant}, NULL, ${id(`n % ${TASKS}`)})`,
        created_at: inMonth(LEDGER_ROWS),
      },
    ],
    [
      'cost_entries',
      COSTS,
      {
        kind: "'estimate'",
        item: "ELT(1 + n % 3, 'provider:runninghub', 'provider:tencent-ci', 'sms:segment')",
        vendor: "'bench'",
        amount_micro_yuan: '30000 + n % 1000',
        feature_id: "ELT(1 + n % 3, 'basic_clean', 'promo_poster', NULL)",
        effect_key: "CONCAT('cost:', n)",
        occurred_at: inMonth(COSTS),
        posted_at: inMonth(COSTS),
      },
    ],
  ];
}
