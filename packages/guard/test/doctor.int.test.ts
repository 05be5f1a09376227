import { type Db, inTransaction, newId, type TasksTable, toJson } from '@yunshang/db';
import { testDatabase } from '@yunshang/devstack/testing';
import { sql, type Updateable } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { reportText } from '../src/doctor/report.ts';
import { RULES, SCREENS } from '../src/doctor/run-doctor.ts';
import { runDoctor, type Finding } from '../src/index.ts';
import { pastChecks } from './past-checks.ts';
import { costCases } from './planted-costs.ts';
import { moneyCases } from './planted-money.ts';
import { originCases } from './planted-origins.ts';
import { reconciliationCases } from './planted-reconciliation.ts';
import { spendCases } from './planted-spends.ts';
import { dropJob, nextOf, type PlantedCase } from './planted.ts';
import { at, buildWorld, insertTask, insertUser, NOW, type World } from './world.ts';

let database: Awaited<ReturnType<typeof testDatabase>>;
let checks: Awaited<ReturnType<typeof pastChecks>>;
let world: World;

beforeAll(async () => {
  database = await testDatabase();
  checks = await pastChecks(database.db);
  world = await inTransaction(database.db, buildWorld);
});
afterAll(async () => {
  await checks.end();
  await database.close();
});

class Undo extends Error {}

/** What the doctor finds once `plant` has been written past every constraint; then all is undone. */
async function findingsAfter(plant: (db: Db) => Promise<unknown>, now = at(2)): Promise<Finding[]> {
  let findings: Finding[] = [];
  await database.db.connection().execute(async (session) => {
    await sql`SET foreign_key_checks = 0`.execute(session);
    await checks.enter(session);
    try {
      await session.transaction().execute(async (tx) => {
        await plant(tx);
        findings = await runDoctor(tx, { now });
        expect(findings).toEqual(await runDoctor(tx, { now, oneByOne: true }));
        throw new Undo();
      });
    } catch (error) {
      if (!(error instanceof Undo)) throw error;
    } finally {
      await sql`SET foreign_key_checks = 1`.execute(session);
      await checks.leave(session);
    }
  });
  return findings;
}

const ghost = '01GH0ST0000000000000000000';
const ledgerRow = (seq: number, row: { before: number; amount: number }) => ({
  user_id: world.userId,
  seq,
  kind: 'grant' as const,
  amount: row.amount,
  balance_before: row.before,
  balance_after: row.before + row.amount,
  cause: 'because',
  effect_key: `planted:${seq}`,
  grant_id: world.purchase,
  created_at: NOW,
});
const lastLog = (): Promise<string> => nextOf(database.db, 'quota_logs');
const insertLog = (db: Db, row: ReturnType<typeof ledgerRow>) => db.insertInto('quota_logs').values(row).execute();
const setTask = (db: Db, id: string, values: Updateable<TasksTable>) =>
  db.updateTable('tasks').set(values).where('id', '=', id).execute();
const addJob = (db: Db, job: string, payload: Record<string, unknown>) =>
  db
    .insertInto('outbox')
    .values({ job, payload: toJson(payload), dedup_key: 'planted', due_at: at(2), created_at: NOW })
    .execute();

const leftOver = (db: Db) => addJob(db, 'task.run', { taskId: world.failed.task });

const cases: PlantedCase[] = [
  {
    rule: 'balance_is_ledger',
    by: 'quota that was taken without a ledger row',
    plant: (db) => db.updateTable('users').set({ quota_remaining: 99 }).where('id', '=', world.userId).execute(),
    id: () => world.userId,
  },
  {
    rule: 'balance_is_grants',
    by: 'a grant that was spent without the balance',
    plant: (db) => db.updateTable('quota_grants').set({ remaining: 90 }).where('id', '=', world.purchase).execute(),
    id: () => world.userId,
  },
  {
    rule: 'nothing_negative',
    by: 'a balance below zero',
    plant: (db) => db.updateTable('users').set({ quota_remaining: -1 }).where('id', '=', world.userId).execute(),
    id: () => world.userId,
  },
  {
    rule: 'nothing_negative',
    by: 'a grant that holds more than it gave',
    plant: (db) => db.updateTable('quota_grants').set({ remaining: 101 }).where('id', '=', world.purchase).execute(),
    id: () => world.purchase,
  },
  {
    rule: 'ledger_unbroken',
    by: 'a missing number',
    plant: (db) => insertLog(db, ledgerRow(11, { before: 100, amount: 1 })),
    id: lastLog,
  },
  {
    rule: 'ledger_unbroken',
    by: 'a row that does not begin where the one before ended',
    plant: (db) => insertLog(db, ledgerRow(10, { before: 50, amount: 1 })),
    id: lastLog,
  },
  {
    rule: 'ledger_complete',
    by: 'a tail that was cut off',
    plant: (db) => db.updateTable('users').set({ ledger_seq: 12 }).where('id', '=', world.userId).execute(),
    id: () => world.userId,
  },
  {
    rule: 'grant_adds_up',
    by: 'a grant that lost units that nobody spent',
    plant: (db) => db.updateTable('quota_grants').set({ remaining: 96 }).where('id', '=', world.purchase).execute(),
    id: () => world.purchase,
  },
  {
    rule: 'grant_has_origin',
    by: 'quota that came from nowhere',
    plant: (db) => db.updateTable('quota_grants').set({ amount: 5000 }).where('id', '=', world.purchase).execute(),
    id: () => world.purchase,
  },
  {
    rule: 'grant_has_origin',
    by: 'a compensation for a charge that was not refunded into it',
    plant: (db) =>
      db
        .updateTable('quota_grants')
        .set({ effect_key: `compensation:${ghost}` })
        .where('id', '=', world.compensation)
        .execute(),
    id: () => world.compensation,
  },
  {
    rule: 'charge_ends_with_task',
    by: 'a held charge of a task that has ended',
    plant: (db) =>
      db
        .updateTable('quota_charges')
        .set({ status: 'held', ended_at: null })
        .where('id', '=', world.succeeded.charge)
        .execute(),
    id: () => world.succeeded.charge,
  },
  {
    rule: 'charge_ends_with_task',
    by: 'a settled charge of a task that still runs',
    plant: (db) =>
      db
        .updateTable('quota_charges')
        .set({ status: 'settled', ended_at: NOW })
        .where('id', '=', world.open.charge)
        .execute(),
    id: () => world.open.charge,
  },
  {
    rule: 'charge_is_in_ledger',
    by: 'a refund without a ledger row',
    plant: (db) =>
      db.updateTable('quota_charges').set({ status: 'refunded' }).where('id', '=', world.succeeded.charge).execute(),
    id: () => world.succeeded.charge,
  },
  {
    rule: 'charge_is_in_ledger',
    by: 'a second refund of one charge',
    plant: (db) =>
      db
        .insertInto('quota_logs')
        .values({
          ...ledgerRow(10, { before: 100, amount: 4 }),
          kind: 'refund',
          grant_id: null,
          charge_id: world.failed.charge,
        })
        .execute(),
    id: () => world.failed.charge,
  },
  {
    rule: 'charge_parts_add_up',
    by: 'a part that is missing',
    plant: (db) => db.deleteFrom('quota_allocations').where('charge_id', '=', world.open.charge).execute(),
    id: () => world.open.charge,
  },
  {
    rule: 'task_pays_snapshot',
    by: "a charge at another price than the task's",
    plant: (db) => setTask(db, world.succeeded.task, { quota_cost: 2 }),
    id: () => world.succeeded.task,
  },
  {
    rule: 'failed_task_is_refunded',
    by: 'a failed task that kept the quota',
    plant: (db) =>
      db.updateTable('quota_charges').set({ status: 'settled' }).where('id', '=', world.failed.charge).execute(),
    id: () => world.failed.task,
  },
  {
    rule: 'failed_task_is_refunded',
    by: 'a cancellation before any work that was not given back',
    plant: (db) => setTask(db, world.open.task, { status: 'cancelled', finished_at: NOW }),
    id: () => world.open.task,
  },
  {
    rule: 'refund_flag_is_charge',
    by: 'a flag that says refunded',
    plant: (db) => setTask(db, world.succeeded.task, { refunded: 1 }),
    id: () => world.succeeded.task,
  },
  {
    rule: 'attempt_after_charge',
    by: 'a vendor that was called first',
    plant: (db) =>
      db
        .updateTable('task_attempts')
        .set({ started_at: at(-1) })
        .where('id', '=', world.attempt)
        .execute(),
    id: () => world.attempt,
  },
  {
    rule: 'attempt_after_charge',
    by: 'a vendor that worked for nothing',
    plant: (db) => db.updateTable('task_attempts').set({ task_id: ghost }).where('id', '=', world.attempt).execute(),
    id: () => world.attempt,
  },
  {
    rule: 'task_is_last_event',
    by: 'a move without an event',
    plant: (db) => setTask(db, world.open.task, { status: 'processing' }),
    id: () => world.open.task,
  },
  {
    rule: 'ledger_row_has_cause',
    by: 'a row without a cause',
    plant: (db) => insertLog(db, { ...ledgerRow(10, { before: 100, amount: 1 }), cause: ' ' }),
    id: lastLog,
  },
  {
    rule: 'ledger_row_has_cause',
    by: 'a row about a grant that is not there',
    plant: (db) => insertLog(db, { ...ledgerRow(10, { before: 100, amount: 1 }), grant_id: ghost }),
    id: lastLog,
  },
  {
    rule: 'charge_has_task',
    by: 'a charge without its task',
    plant: (db) => db.deleteFrom('tasks').where('id', '=', world.open.task).execute(),
    id: () => world.open.charge,
  },
  {
    rule: 'task_has_charge',
    by: 'a task that was never charged',
    plant: (db) => db.deleteFrom('quota_charges').where('id', '=', world.open.charge).execute(),
    id: () => world.open.task,
  },
  {
    rule: 'open_task_has_job',
    by: 'a task whose job was lost',
    plant: (db) => dropJob(db, `task:${world.open.task}`),
    id: () => world.open.task,
  },
  ...moneyCases(() => world),
  ...reconciliationCases(() => world),
  ...costCases(
    () => world,
    () => nextOf(database.db, 'cost_entries'),
  ),
  ...originCases(() => world),
  ...spendCases(() => world),
];

it('finds nothing wrong in a healthy database, and asks no rule there that a screen covers', async () => {
  const asked: string[] = [];
  expect(await runDoctor(database.db, { now: at(2), onRule: (_place, _of, name) => asked.push(name) })).toEqual([]);
  const covered = new Set(SCREENS.flatMap(({ covers }) => covers));
  expect(asked.filter((name) => covered.has(name))).toEqual([]);
  expect(asked).toEqual(expect.arrayContaining(SCREENS.map(({ name }) => name)));
});

describe('the doctor sees', () => {
  it.each(cases)('$by ($rule)', async ({ rule, plant, id, now }) => {
    const expected = await id(database.db);
    const findings = await findingsAfter(plant, now);
    expect(findings.filter((finding) => finding.rule === rule).map((finding) => finding.id)).toEqual([expected]);
  });

  it('an event after the end of a task', async () => {
    const event = {
      task_id: world.failed.task,
      status: 'succeeded' as const,
      percent: 100,
      stage: 'done',
      created_at: NOW,
    };
    const findings = await findingsAfter((db) => db.insertInto('task_events').values(event).execute());
    const rules = findings.map((finding) => finding.rule);
    expect(rules.toSorted()).toEqual(['task_ends_once', 'task_is_last_event']);
  });

  it("a part of one member's charge on another's grant", async () => {
    const stranger = newId();
    const ids = { task: newId(), charge: newId() };
    const findings = await findingsAfter(async (db) => {
      await insertUser(db, stranger, { balance: 0, rows: 0 });
      await insertTask(db, { ids, userId: stranger, seq: 1, amount: 1, status: 'pending' });
      const part = { charge_id: ids.charge, grant_id: world.purchase, direction: 'spend' as const, amount: 1 };
      await db
        .insertInto('quota_allocations')
        .values({ ...part, created_at: NOW })
        .execute();
    });
    expect(findings.map((finding) => finding.rule)).toContain('allocation_has_both_ends');
  });

  it.each([
    ['task.run', { taskId: ghost }],
    ['order.reconcile', { orderId: ghost, check: 0 }],
  ])('a job %s without its row', async (job, payload) => {
    const findings = await findingsAfter((db) => addJob(db, job, payload));
    expect(findings.map((finding) => finding.rule)).toEqual(['job_has_subject']);
  });

  it('the job of a task that ended long ago', async () => {
    const early = await findingsAfter(leftOver);
    expect(early.map((finding) => finding.rule)).toEqual([]);
    const late = await findingsAfter(leftOver, at(20));
    expect(late.map((finding) => finding.rule)).toContain('ended_task_has_no_job');
  });

  it('jobs that nobody delivers', async () => {
    const findings = await runDoctor(database.db, { now: at(6) });
    expect(findings.map((finding) => [finding.rule, finding.severity])).toEqual([
      ['job_is_delivered', 'warning'],
      ['job_is_delivered', 'warning'],
    ]);
  });
});

it('warns of a job that died while its task or order is open', async () => {
  const findings = await findingsAfter(async (db) => {
    await db
      .updateTable('outbox')
      .set({ dead_at: NOW, due_at: new Date('9999-12-31T00:00:00Z') })
      .execute();
  });
  expect(findings.map((finding) => [finding.rule, finding.severity])).toEqual([
    ['job_is_alive', 'warning'],
    ['job_is_alive', 'warning'],
  ]);
});

describe('its rules', () => {
  it('are each tried above', () => {
    const apart = [
      'task_ends_once',
      'allocation_has_both_ends',
      'job_has_subject',
      'ended_task_has_no_job',
      'job_is_delivered',
      'job_is_alive',
    ];
    const tried = new Set([...cases.map((one) => one.rule), ...apart]);
    expect(RULES.map((rule) => rule.name).filter((name) => !tried.has(name))).toEqual([]);
  });

  it('are all there that a screen covers', () => {
    const names = new Set(RULES.map((rule) => rule.name));
    expect(SCREENS.flatMap(({ covers }) => covers).filter((name) => !names.has(name))).toEqual([]);
  });

  it('have names of their own and speak two languages', () => {
    expect(new Set(RULES.map((rule) => rule.name)).size).toBe(RULES.length);
    expect(RULES.every((rule) => rule.explanation.zh && rule.explanation.en && rule.mend.zh && rule.mend.en)).toBe(
      true,
    );
  });

  it('make a report that names the row and the way to mend it', async () => {
    const findings = await findingsAfter((db) => dropJob(db, `task:${world.open.task}`));
    const text = reportText(findings, RULES.length);
    expect(text).toContain(world.open.task);
    expect(text).toContain('outbox');
    expect(reportText([], RULES.length)).toContain('hold');
  });
});
