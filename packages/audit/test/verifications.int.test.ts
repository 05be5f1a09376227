import { newId } from '@yunshang/db';
import { fakeClock, makeMember } from '@yunshang/devstack';
import { testDatabase, type TestDatabase } from '@yunshang/devstack/testing';
import { afterAll, expect, test } from 'vitest';
import { createVerifications, runVerifications, verifyChain } from '../src/index.ts';
import { logWorld, openChain, type TestChain, writeRows } from './log-world.ts';
import { asRoot, dropTriggers, restoreTriggers, run } from './tamper.ts';

const database: TestDatabase = await testDatabase();
const { db } = database;
const clock = fakeClock(new Date('2026-03-01T10:00:00.000Z'));
const chain: TestChain = openChain(database, clock);
const verifications = createVerifications({ db, clock });

afterAll(async () => {
  await chain.raw.close();
  await database.close();
});

const failing = (): Promise<never> => Promise.reject(new Error('the bucket is away'));
const work = (nightlyHour?: number): Promise<void> =>
  runVerifications(
    {
      db,
      clock,
      verify: (options) => verifyChain({ db, raw: chain.raw, clock, keys: new Map(), places: [] }, options),
    },
    { nightlyHour },
  );
const toldOf = async (): Promise<string[]> =>
  (await db.selectFrom('alerts').select('details').where('kind', '=', 'audit_broken').execute()).map(({ details }) =>
    JSON.stringify(details),
  );

test('the chain is proven once a night, in the hour of Beijing', async () => {
  await writeRows(db, await logWorld(db), { rounds: 2, now: clock.now() });
  await chain.seal();
  await work(4);
  expect(await verifications.list()).toEqual([]);
  clock.set(new Date('2026-03-01T20:05:00.000Z'));
  await work(4);
  clock.advance(60_000);
  await work(4);
  expect(await verifications.list()).toMatchObject([
    {
      requestedBy: null,
      status: 'proven',
      report: { ok: true },
      verdict: { en: expect.stringContaining('All 8 rows') },
    },
  ]);
});

test('a finding is told to people once, however often it is found', async () => {
  await dropTriggers(db);
  await asRoot(database, run("UPDATE audit_logs SET action = 'other' ORDER BY id LIMIT 1"));
  await restoreTriggers(db);
  const { userId } = await makeMember(db, { quota: 0 });
  const actor = { id: userId, role: 'admin', requestId: newId() } as const;
  await verifications.request(actor, {});
  await work();
  const again = await verifications.request(actor, {});
  await work();
  expect((await verifications.list())[0]).toMatchObject({
    id: again.id,
    status: 'broken',
    requestedBy: userId,
    report: { findings: [{ kind: 'row_changed', where: 'audit_logs' }] },
  });
  expect(await toldOf()).toEqual([expect.stringContaining('audit_logs')]);
});

test('who wish for the same at once get the same, on record once', async () => {
  const { userId } = await makeMember(db, { quota: 0 });
  const actor = { id: userId, role: 'admin', requestId: newId() } as const;
  const wishes = await Promise.all([1, 2, 3].map(() => verifications.request(actor, {})));
  expect(new Set(wishes.map(({ id }) => id)).size).toBe(1);
  const records = db.selectFrom('audit_logs').select('id').where('request_id', '=', actor.requestId);
  expect(await records.execute()).toHaveLength(1);
  await work();
});

test('a proof that can not be made waits for the next time', async () => {
  const { userId } = await makeMember(db, { quota: 0 });
  const { id } = await verifications.request({ id: userId, role: 'admin', requestId: newId() }, {});
  await expect(runVerifications({ db, clock, verify: failing }, {})).rejects.toThrow('away');
  expect((await verifications.list())[0]).toMatchObject({ id, status: 'waiting' });
});
