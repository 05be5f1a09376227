import { isDuplicate, newId, type Db, type Tx, type VendorAccountEntriesTable } from '@yunshang/db';
import type { Selectable } from 'kysely';
import { safeSum } from '../costs/amount.ts';
import type { AccountSpan, Balance, Reading } from './vendor-account.ts';

const bareDay = (day: string): Date => new Date(`${day}T00:00:00.000Z`);

/** The first reading of a day stays; false for one that came later. */
export async function insertReading(db: Db, account: string, reading: Reading): Promise<boolean> {
  const { numInsertedOrUpdatedRows } = await db
    .insertInto('vendor_account_entries')
    .ignore()
    .values({
      id: newId(),
      account,
      kind: 'reading',
      day: reading.day,
      micro_yuan: reading.microYuan,
      micro_coins: reading.microCoins,
      micro_yuan_per_coin: reading.microYuanPerCoin,
      at: reading.at,
      created_at: reading.at,
    })
    .executeTakeFirst();
  return (numInsertedOrUpdatedRows ?? 0n) > 0n;
}

export type TopUp = Balance & { account: string; note: string; recordedBy: string; at: Date; now: Date };

/** The id of its row, and whether it is new: the same sum of the same moment is the same top-up. */
export async function insertTopUp(tx: Tx, topUp: TopUp): Promise<{ id: string; isNew: boolean }> {
  const id = newId();
  const { account, microYuan, microCoins, at } = topUp;
  const once = { account, kind: 'top_up' as const, micro_yuan: microYuan, micro_coins: microCoins, at };
  try {
    await tx
      .insertInto('vendor_account_entries')
      .values({ id, ...once, note: topUp.note, recorded_by: topUp.recordedBy, created_at: topUp.now })
      .execute();
    return { id, isNew: true };
  } catch (error) {
    if (!isDuplicate(error, 'uq_vendor_account_entries_once')) throw error;
    const known = await tx
      .selectFrom('vendor_account_entries')
      .select('id')
      .where((eb) => eb.and(once))
      .forUpdate()
      .executeTakeFirstOrThrow();
    return { id: known.id, isNew: false };
  }
}

/** Which of the accounts have been read that day. */
export async function listRead(db: Db, accounts: readonly string[], day: string): Promise<ReadonlySet<string>> {
  if (accounts.length === 0) return new Set();
  const rows = await db
    .selectFrom('vendor_account_entries')
    .select('account')
    .where('account', 'in', accounts)
    .where('day', '=', bareDay(day))
    .execute();
  return new Set(rows.map(({ account }) => account));
}

/**
 * The account over that day: from the newest reading of it or before to the next one, so that a day without a reading is judged with its
 * neighbours. Undefined while one of both is missing.
 */
export async function findAccountSpan(db: Db, account: string, day: string): Promise<AccountSpan | undefined> {
  const readings = db.selectFrom('vendor_account_entries').selectAll().where('account', '=', account).limit(1);
  const opening = await readings.where('day', '<=', bareDay(day)).orderBy('day', 'desc').executeTakeFirst();
  const closing = await readings.where('day', '>', bareDay(day)).orderBy('day').executeTakeFirst();
  if (opening === undefined || closing === undefined) return undefined;
  const paid = await db
    .selectFrom('vendor_account_entries')
    .select((eb) => [eb.fn.sum('micro_yuan').as('microYuan'), eb.fn.sum('micro_coins').as('microCoins')])
    .where('account', '=', account)
    .where('kind', '=', 'top_up')
    .where('at', '>=', opening.at)
    .where('at', '<', closing.at)
    .executeTakeFirstOrThrow();
  const toppedUp = { microYuan: safeSum(paid.microYuan), microCoins: safeSum(paid.microCoins) };
  return { opening: toReading(opening), closing: toReading(closing), toppedUp };
}

/** Since when vendors' accounts are read. */
export async function firstReadingAt(db: Db): Promise<Date | undefined> {
  const row = await db.selectFrom('vendor_account_entries').select('at').orderBy('id').limit(1).executeTakeFirst();
  return row?.at;
}

function toReading(row: Selectable<VendorAccountEntriesTable>): Reading {
  if (row.day === null || row.micro_yuan_per_coin === null) throw new Error('a reading of an account has no day');
  return {
    microYuan: row.micro_yuan,
    microCoins: row.micro_coins,
    microYuanPerCoin: row.micro_yuan_per_coin,
    day: row.day.toISOString().slice(0, 10),
    at: row.at,
  };
}
