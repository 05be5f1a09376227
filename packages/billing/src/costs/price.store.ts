import type { Db, Tx, UnitPricesTable } from '@yunshang/db';
import type { Selectable } from 'kysely';
import type { UnitPrice } from './price.ts';
import { unitOf } from './price.ts';

type Row = Selectable<UnitPricesTable>;

function priceOf(row: Row): UnitPrice {
  return {
    id: row.id,
    item: row.item,
    unit: unitOf(row.item),
    microYuan: row.micro_yuan,
    validFrom: row.valid_from,
    validTo: row.valid_to,
  };
}

/** Prices that hold after `since`, now or later. */
export async function listOpenPrices(db: Db, since: Date): Promise<UnitPrice[]> {
  const rows = await db
    .selectFrom('unit_prices')
    .selectAll()
    .where((eb) => eb.or([eb('valid_to', 'is', null), eb('valid_to', '>', since)]))
    .execute();
  return rows.map(priceOf);
}

/** Prices of one item, newest first, also those that have ended; `before` is the id of the last one known. */
export async function listPricesOf(
  db: Db,
  page: { item: string; before?: string | undefined; limit: number },
): Promise<UnitPrice[]> {
  let query = db.selectFrom('unit_prices').selectAll().where('item', '=', page.item);
  const { before } = page;
  if (before !== undefined)
    query = query.where('valid_from', '<', (eb) =>
      eb.selectFrom('unit_prices').select('valid_from').where('id', '=', before),
    );
  return (await query.orderBy('valid_from', 'desc').limit(page.limit).execute()).map(priceOf);
}

/** What holds for the item at that time; undefined where the list has nothing. */
export async function findPriceAt(db: Db, item: string, time: Date): Promise<UnitPrice | undefined> {
  const row = await db
    .selectFrom('unit_prices')
    .selectAll()
    .where('item', '=', item)
    .where('valid_from', '<=', time)
    .where((eb) => eb.or([eb('valid_to', 'is', null), eb('valid_to', '>', time)]))
    .orderBy('valid_from', 'desc')
    .limit(1)
    .executeTakeFirst();
  return row === undefined ? undefined : priceOf(row);
}

/** The newest price of an item, which nothing follows yet, locked; undefined for an item that never had one. */
export async function lockNewestPrice(tx: Tx, item: string): Promise<UnitPrice | undefined> {
  const row = await tx
    .selectFrom('unit_prices')
    .selectAll()
    .where('open_item', '=', item)
    .forUpdate()
    .executeTakeFirst();
  return row === undefined ? undefined : priceOf(row);
}

/** The next price of the item begins at `at`: this one holds until then. */
export async function endPrice(tx: Tx, id: string, at: Date): Promise<void> {
  const { numUpdatedRows } = await tx
    .updateTable('unit_prices')
    .set({ valid_to: at })
    .where('id', '=', id)
    .where('valid_to', 'is', null)
    .executeTakeFirst();
  if (numUpdatedRows !== 1n) throw new Error('the price has an end although its row is locked');
}

export async function insertPrice(
  tx: Tx,
  price: Omit<UnitPrice, 'validTo'> & { createdBy: string | null; now: Date },
): Promise<void> {
  await tx
    .insertInto('unit_prices')
    .values({
      id: price.id,
      item: price.item,
      unit: price.unit,
      micro_yuan: price.microYuan,
      valid_from: price.validFrom,
      created_by: price.createdBy,
      created_at: price.now,
    })
    .execute();
}
