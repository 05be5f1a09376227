import { testDatabase } from '@yunshang/devstack/testing';
import { sql } from 'kysely';
import { beforeAll, expect, test } from 'vitest';
import {
  connect,
  finishJob,
  inTransaction,
  isConnectionLost,
  listTurns,
  newId,
  openLanes,
  promiseJob,
  sqlValue,
  takeJobs,
} from '../src/index.ts';

let database: Awaited<ReturnType<typeof testDatabase>>;
const now = new Date('2026-03-01T00:00:00.000Z');

beforeAll(async () => {
  database = await testDatabase();
});

test('a deadlock is rolled back and tried again, and both transactions take effect once', async () => {
  await sql`CREATE TABLE IF NOT EXISTS counters (id INT PRIMARY KEY, n INT NOT NULL)`.execute(database.db);
  await sql`REPLACE INTO counters VALUES (1, 0), (2, 0)`.execute(database.db);
  const met = { n: 0 };
  const bump = (first: number, second: number): Promise<void> =>
    inTransaction(database.db, async (tx) => {
      await sql`UPDATE counters SET n = n + 1 WHERE id = ${first}`.execute(tx);
      met.n += 1;
      // Both hold their first row before either asks for its second, on the first try.
      const deadline = Date.now() + 2000;
      while (met.n < 2 && Date.now() < deadline) await sql`SELECT SLEEP(0.01)`.execute(tx);
      await sql`UPDATE counters SET n = n + 1 WHERE id = ${second}`.execute(tx);
    });
  await Promise.all([bump(1, 2), bump(2, 1)]);
  const { rows } = await sql<{ n: number }>`SELECT n FROM counters ORDER BY id`.execute(database.db);
  await sql`DROP TABLE counters`.execute(database.db);
  expect(rows.map((row) => row.n)).toEqual([2, 2]);
  expect(met.n).toBeGreaterThan(2);
});

test('a promised job is delivered once per visibility time until it is finished', async () => {
  const taskId = newId();
  const promise = { job: 'task.run' as const, payload: { taskId }, dedupKey: `task:${taskId}`, now };
  await inTransaction(database.db, (tx) => promiseJob(tx, promise));
  await inTransaction(database.db, (tx) => promiseJob(tx, promise));
  const take = async (at: number): ReturnType<typeof takeJobs> => {
    const then = new Date(now.getTime() + at);
    const ids = await listTurns(database.db, then, { job: 'task.run', room: { anyone: 10, newcomers: 10 } });
    return ids.length === 0 ? [] : inTransaction(database.db, (tx) => takeJobs(tx, then, { ids, visibilityMs: 1000 }));
  };
  const [first, second] = await Promise.all([take(0), take(0)]);
  const taken = [...first, ...second];
  expect(taken).toEqual([{ id: expect.any(Number), attempts: 1, job: 'task.run', payload: { taskId } }]);
  expect(await take(999)).toEqual([]);
  expect((await take(1000)).map((row) => row.attempts)).toEqual([2]);
  await finishJob(database.db, taken[0]?.id ?? 0);
  expect(await take(10_000)).toEqual([]);
});

test('a job promised in a transaction that fails does not exist', async () => {
  const taskId = newId();
  const work = inTransaction(database.db, async (tx) => {
    await promiseJob(tx, { job: 'task.run', payload: { taskId }, dedupKey: `task:${taskId}`, now });
    throw new Error('changed my mind');
  });
  await expect(work).rejects.toThrow('changed my mind');
  expect(
    await database.db.selectFrom('outbox').select('id').where('dedup_key', '=', `task:${taskId}`).execute(),
  ).toEqual([]);
});

test('a lane sends several statements at once, keeps UTC, and rolls back on an error', async () => {
  const lanes = openLanes(database.databaseUrl, 1);
  const at = new Date('2026-12-31T23:59:59.123Z');
  const rows = await lanes.use((send) =>
    send([
      `SELECT ${sqlValue("it's \\ 中文 '")} AS text`,
      `SELECT CAST(${sqlValue(at)} AS DATETIME(3)) AS at, @@session.time_zone AS zone`,
    ]),
  );
  expect(rows).toEqual([[{ text: "it's \\ 中文 '" }], [{ at, zone: '+00:00' }]]);
  const insert = `INSERT INTO sms_limits (phone_index, last_sent_at, day, day_count) VALUES (${sqlValue(Buffer.alloc(32, 7))}, ${sqlValue(at)}, '2026-12-31', 1)`;
  await expect(
    lanes.use((send) => send(['START TRANSACTION', insert, 'SELECT no_such_column', 'COMMIT'])),
  ).rejects.toThrow('no_such_column');
  expect(await database.db.selectFrom('sms_limits').selectAll().execute()).toEqual([]);
  await lanes.close();
});

test('a connection ended by the server is told apart from a failed statement, at once and ever after', async () => {
  const lanes = openLanes(database.databaseUrl, 1);
  const thrown = await lanes
    .use(async (send) => {
      const [rows] = await send(['SELECT CONNECTION_ID() AS id']);
      await sql.raw(`KILL ${String(rows?.[0]?.['id'])}`).execute(database.db);
      const first: unknown = await send(['SELECT 1']).catch((error: unknown) => error);
      const second: unknown = await send(['SELECT 1']).catch((error: unknown) => error);
      throw new AggregateError([first, second]);
    })
    .catch((error: unknown) => (error instanceof AggregateError ? error.errors : [error]));
  expect(thrown.map(isConnectionLost)).toEqual([true, true]);
  expect(await lanes.use((send) => send(['SELECT 1 AS one']))).toEqual([[{ one: 1 }]]);
  await lanes.close();
});

test('backslashes escape and nothing is cut to fit, whatever mode the server has for others', async () => {
  const lanes = openLanes(database.databaseUrl, 1);
  const [rows] = await lanes.use((send) => send(['SELECT @@session.sql_mode AS mode']));
  const { rows: plain } = await sql<{ mode: string }>`SELECT @@session.sql_mode AS mode`.execute(database.db);
  const expected = 'STRICT_ALL_TABLES,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION';
  expect([rows?.[0]?.['mode'], plain[0]?.mode]).toEqual([expected, expected]);
  await lanes.close();
});

test('a database that falls silent fails what waits for it, and the pool goes on', async () => {
  const impatient = connect(database.databaseUrl, { connectionLimit: 1, silenceMs: 300 });
  const lanes = openLanes(database.databaseUrl, 1, 300);
  const waits = [sql`SELECT SLEEP(20)`.execute(impatient.db), lanes.use((send) => send(['SELECT SLEEP(20)']))];
  for (const result of await Promise.allSettled(waits))
    expect(result).toMatchObject({ status: 'rejected', reason: expect.toSatisfy(isConnectionLost) });
  expect((await sql<{ one: number }>`SELECT 1 AS one`.execute(impatient.db)).rows).toEqual([{ one: 1 }]);
  expect(await lanes.use((send) => send(['SELECT 1 AS one']))).toEqual([[{ one: 1 }]]);
  await impatient.close();
  await lanes.close();
});
