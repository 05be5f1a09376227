import { type Db, inTransaction, newId } from '@yunshang/db';
import { testDatabase } from '@yunshang/devstack/testing';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ledgerScreens } from '../src/doctor/screens/ledger.screens.ts';
import { at, buildWorld, insertUser, NOW, type World } from './world.ts';

/** Verdicts while others write; each walk meets members who have moved since they were read. */
const ENOUGH = 60;

let database: Awaited<ReturnType<typeof testDatabase>>;
let world: World;

beforeAll(async () => {
  database = await testDatabase();
  world = await inTransaction(database.db, buildWorld);
});
afterAll(() => database.close());

/** One unit for a member, as every grant is written: member, grant and ledger row in one transaction. */
async function give(db: Db, userId: string): Promise<void> {
  await inTransaction(db, async (tx) => {
    const user = await tx
      .selectFrom('users')
      .select(['quota_remaining', 'ledger_seq'])
      .where('id', '=', userId)
      .forUpdate()
      .executeTakeFirstOrThrow();
    const [id, before, seq] = [newId(), user.quota_remaining, user.ledger_seq + 1];
    const grant = { user_id: userId, amount: 1, created_at: NOW };
    await tx
      .insertInto('quota_grants')
      .values({ ...grant, id, source: 'compensation', remaining: 1, expires_at: at(60), effect_key: `goodwill:${id}` })
      .execute();
    const movement = { ...grant, seq, kind: 'grant' as const, balance_before: before, balance_after: before + 1 };
    await tx
      .insertInto('quota_logs')
      .values({ ...movement, cause: 'goodwill', effect_key: `grant:${id}`, grant_id: id })
      .execute();
    const now = { quota_remaining: before + 1, ledger_seq: seq };
    await tx.updateTable('users').set(now).where('id', '=', userId).execute();
  });
}

it('is not alarmed by members who move, or join, while their ledger is walked', async () => {
  const screens = ledgerScreens.map(({ isQuiet }) => isQuiet);
  const verdicts: boolean[] = [];
  let given = 0;
  const writing = (async () => {
    while (verdicts.length < ENOUGH) {
      const stranger = newId();
      await insertUser(database.db, stranger, { balance: 0, rows: 0 });
      await Promise.all([world.userId, stranger, stranger].map((userId) => give(database.db, userId)));
      given += 1;
    }
  })();
  while (verdicts.length < ENOUGH)
    verdicts.push(...(await Promise.all(screens.map((isQuiet) => isQuiet(database.db)))));
  await writing;
  expect(given).toBeGreaterThan(1);
  expect(new Set(verdicts)).toEqual(new Set([true]));
});
