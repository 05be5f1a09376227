import type { AuditReport } from '@yunshang/contracts';
import { inTransaction, recordAudit, systemClock } from '@yunshang/db';
import { fakeClock } from '@yunshang/devstack';
import { testDatabase, type TestDatabase } from '@yunshang/devstack/testing';
import { sql } from 'kysely';
import { afterAll, beforeEach, expect, test } from 'vitest';
import { auditLagSeconds, createSealer, verifyChain } from '../src/index.ts';
import { SOURCES } from '../src/chain/source.ts';
import { countSealed, logWorld, openChain, type LogWorld, type TestChain, writeRows } from './log-world.ts';

const database: TestDatabase = await testDatabase();
const { db } = database;
const clock = fakeClock(new Date());
const chain: TestChain = openChain(database, clock);
let world: LogWorld;

beforeEach(async () => {
  await database.reset();
  world = await logWorld(db);
});
afterAll(async () => {
  await chain.raw.close();
  await database.close();
});

const verify = (): Promise<AuditReport> => verifyChain({ db, raw: chain.raw, clock, keys: new Map(), places: [] });
const actor = { id: null, role: 'system' as const, requestId: 'late' };
const entry = (action: string) => ({ action, subjectType: 'test', subjectId: '1', details: {}, now: clock.now() });

test('every committed row of every source gets its place once, and the chain proves it', async () => {
  await writeRows(db, world, { rounds: 12, now: clock.now() });
  expect(await chain.seal()).toEqual({ rows: 48, blocks: 4 });
  await writeRows(db, world, { rounds: 3, now: clock.now() });
  expect((await chain.seal()).rows).toBe(12);
  const report = await verify();
  expect(report).toMatchObject({
    ok: true,
    findings: [],
    waiting: 0,
    rows: { quota_logs: 15, audit_logs: 15, money_entries: 15, cost_entries: 15 },
  });
});

test('more rows than a block holds become several blocks', async () => {
  const rows = Array.from({ length: 1_203 }, (_, n) => ({
    actor_role: 'system',
    action: 'filled',
    subject_type: 'test',
    subject_id: String(n),
    details: '{}',
    request_id: 'filled',
    created_at: clock.now(),
  }));
  await db.insertInto('audit_logs').values(rows).execute();
  expect(await chain.seal()).toEqual({ rows: 1_203, blocks: 3 });
  expect(await verify()).toMatchObject({ ok: true, rows: { audit_logs: 1_203 } });
});

test('a row that commits behind later ones is sealed late, also by a process that has just begun', async () => {
  const held = Promise.withResolvers<void>();
  const written = Promise.withResolvers<void>();
  const slow = inTransaction(db, async (tx) => {
    await recordAudit(tx, actor, entry('slow'));
    written.resolve();
    await held.promise;
  });
  await written.promise;
  await inTransaction(db, (tx) => recordAudit(tx, actor, entry('quick')));
  expect((await chain.seal()).rows).toBe(1);
  expect(await verify()).toMatchObject({ ok: true, waiting: 0 });
  held.resolve();
  await slow;
  expect(await verify()).toMatchObject({ ok: true, waiting: 1 });
  clock.advance(60_000);
  const fresh = openChain(database, clock);
  expect((await fresh.seal()).rows).toBe(1);
  await fresh.raw.close();
  expect(await verify()).toMatchObject({ ok: true, waiting: 0, rows: { audit_logs: 2 } });
  // The other process finds that the chain has gone on without it.
  await inTransaction(db, (tx) => recordAudit(tx, actor, entry('next')));
  expect((await chain.seal()).rows).toBe(1);
  expect((await verify()).ok).toBe(true);
});

test('two that seal at once seal each row once', async () => {
  const others = [openChain(database, systemClock), openChain(database, systemClock), chain];
  for (let round = 0; round < 6; round += 1) {
    await writeRows(db, world, { rounds: 5, now: clock.now() });
    await Promise.all(others.map((other) => other.seal()));
  }
  await chain.seal();
  await Promise.all(others.slice(0, 2).map((other) => other.raw.close()));
  expect(await countSealed(db)).toBe(120);
  expect((await verify()).ok).toBe(true);
});

test('a column added to a source changes nothing, until somebody fills it in a sealed row', async () => {
  await writeRows(db, world, { rounds: 2, now: clock.now() });
  await chain.seal();
  await sql`ALTER TABLE audit_logs ADD COLUMN added_later VARCHAR(20) NULL AFTER action`.execute(db);
  try {
    await inTransaction(db, (tx) => recordAudit(tx, actor, entry('after')));
    await chain.seal();
    expect(await verify()).toMatchObject({ ok: true });
    await sql`DROP TRIGGER audit_logs_no_update`.execute(db);
    await sql`UPDATE audit_logs SET added_later = 'x' WHERE id = 1`.execute(db);
    expect((await verify()).findings).toContainEqual(expect.objectContaining({ kind: 'row_changed', id: '1' }));
  } finally {
    await sql`ALTER TABLE audit_logs DROP COLUMN added_later`.execute(db);
    await sql`DROP TRIGGER IF EXISTS audit_logs_no_update`.execute(db);
    await sql`CREATE TRIGGER audit_logs_no_update BEFORE UPDATE ON audit_logs FOR EACH ROW
      SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'audit_logs is append-only'`.execute(db);
  }
});

test('the lag is the age of the oldest row that waits', async () => {
  expect(await auditLagSeconds(db, clock.now())).toBe(0);
  await writeRows(db, world, { rounds: 1, now: clock.now() });
  clock.advance(7_000);
  expect(await auditLagSeconds(db, clock.now())).toBe(7);
  const sealer = createSealer({ db, raw: chain.raw, clock });
  expect(await sealer.run()).toMatchObject({ rows: 4, lagMs: 7_000 });
  expect(await auditLagSeconds(db, clock.now())).toBe(0);
});

test('a row that nobody seals is a finding', async () => {
  await writeRows(db, world, { rounds: 1, now: clock.now() });
  await chain.seal();
  await writeRows(db, world, { rounds: 1, now: clock.now() });
  clock.advance(120_000);
  const report = await verify();
  expect(report.waiting).toBe(4);
  expect(new Set(report.findings.map(({ kind }) => kind))).toEqual(new Set(['row_not_sealed']));
});

test('the chain itself can not be changed or cut', async () => {
  await writeRows(db, world, { rounds: 1, now: clock.now() });
  await chain.seal();
  await expect(sql`UPDATE audit_blocks SET row_count = 2`.execute(db)).rejects.toThrow('append-only');
  await expect(sql`DELETE FROM audit_blocks`.execute(db)).rejects.toThrow('append-only');
});

test('every column of JSON in a source is known as one', async () => {
  const { rows } = await sql<{ place: string }>`
    SELECT CONCAT(c.table_name, '.', c.column_name) AS place FROM information_schema.columns c
    WHERE c.table_schema = DATABASE() AND c.table_name IN (${sql.join(SOURCES.map(({ table }) => table))})
      AND (c.data_type IN ('json', 'longtext'))`.execute(db);
  const known = SOURCES.flatMap(({ table, jsonColumns }) => jsonColumns.map((column) => `${table}.${column}`));
  expect(rows.map(({ place }) => place).toSorted()).toEqual(known.toSorted());
});
