import { assertNever, type Fapiao, type FapiaoStatus } from '@yunshang/contracts';
import { type Db, type FapiaoTable, newId, type Tx } from '@yunshang/db';
import type { Selectable, Updateable } from 'kysely';
import { fapiaoStatesBefore, type StoredFapiao } from './fapiao.ts';

export type NewFapiao = Pick<StoredFapiao, 'orderId' | 'userId' | 'title' | 'amountFen'> & { now: Date };

/** Writes a request. A unique key refuses a second one of the order that is open or issued. Returns its id. */
export async function insertFapiao(tx: Tx, fapiao: NewFapiao): Promise<string> {
  const id = newId();
  await tx
    .insertInto('fapiao')
    .values({
      id,
      order_id: fapiao.orderId,
      user_id: fapiao.userId,
      kind: fapiao.title.kind,
      title: fapiao.title.name,
      tax_no: fapiao.title.taxNo,
      amount_fen: fapiao.amountFen,
      status: 'requested',
      created_at: fapiao.now,
      updated_at: fapiao.now,
    })
    .execute();
  return id;
}

/** With `userId`, only if it is that member's. */
export async function findFapiao(db: Db, fapiaoId: string, userId?: string): Promise<StoredFapiao | undefined> {
  let query = db.selectFrom('fapiao').selectAll().where('id', '=', fapiaoId);
  if (userId !== undefined) query = query.where('user_id', '=', userId);
  const row = await query.executeTakeFirst();
  return row === undefined ? undefined : toStored(row);
}

/** The one of the order that is asked for, being issued or issued; the order is locked. */
export async function findLiveFapiao(tx: Tx, orderId: string): Promise<StoredFapiao | undefined> {
  const row = await tx
    .selectFrom('fapiao')
    .selectAll()
    .where('order_id', '=', orderId)
    .where('is_live', '=', 1)
    .executeTakeFirst();
  return row === undefined ? undefined : toStored(row);
}

export type FapiaoPage = {
  userId?: string | undefined;
  orderId?: string | undefined;
  status?: FapiaoStatus | undefined;
  redDue?: boolean | undefined;
  cursor?: string | undefined;
  limit: number;
};

/** The newest first. */
export async function listFapiao(
  db: Db,
  page: FapiaoPage,
): Promise<{ items: StoredFapiao[]; nextCursor: string | null }> {
  let query = db.selectFrom('fapiao').selectAll().orderBy('id', 'desc');
  if (page.userId !== undefined) query = query.where('user_id', '=', page.userId);
  if (page.orderId !== undefined) query = query.where('order_id', '=', page.orderId);
  if (page.status !== undefined) query = query.where('status', '=', page.status);
  if (page.redDue === true) query = query.where('red_due', '=', 1);
  if (page.cursor !== undefined) query = query.where('id', '<', page.cursor);
  const rows = await query.limit(page.limit + 1).execute();
  const items = rows.slice(0, page.limit).map(toStored);
  return { items, nextCursor: rows.length > page.limit ? (items.at(-1)?.id ?? null) : null };
}

/** Blue and red ones are numbered alike. */
export async function isNumberKnown(tx: Tx, number: string): Promise<boolean> {
  const row = await tx
    .selectFrom('fapiao')
    .select('id')
    .where((eb) => eb.or([eb('fapiao_no', '=', number), eb('red_no', '=', number)]))
    .executeTakeFirst();
  return row !== undefined;
}

/** What a move writes beside the state. */
export type FapiaoChange =
  | { to: 'issuing' }
  | { to: 'issued' | 'red_flushed'; number: string; issuedOn: string; objectKey: string }
  | { to: 'rejected'; reason: string };

/** False when it is in no state from which it can move there. */
export async function moveFapiao(tx: Tx, fapiaoId: string, move: FapiaoChange & { now: Date }): Promise<boolean> {
  const { numUpdatedRows } = await tx
    .updateTable('fapiao')
    .set({ status: move.to, updated_at: move.now, ...columnsOf(move) })
    .where('id', '=', fapiaoId)
    .where('status', 'in', fapiaoStatesBefore(move.to))
    .executeTakeFirst();
  return numUpdatedRows === 1n;
}

function columnsOf(move: FapiaoChange): Updateable<FapiaoTable> {
  switch (move.to) {
    case 'issuing':
      return {};
    case 'issued':
      return { fapiao_no: move.number, issued_on: move.issuedOn, object_key: move.objectKey };
    case 'red_flushed':
      return { red_no: move.number, red_issued_on: move.issuedOn, red_object_key: move.objectKey };
    case 'rejected':
      return { reject_reason: move.reason };
    default:
      return assertNever(move);
  }
}

/** From now on it is to be flushed red; what was demanded before stays. */
export async function demandRed(tx: Tx, fapiaoId: string, now: Date): Promise<void> {
  await tx
    .updateTable('fapiao')
    .set({ red_demanded_at: now, updated_at: now })
    .where('id', '=', fapiaoId)
    .where('red_demanded_at', 'is', null)
    .execute();
}

/** Of those that were to be flushed red before then and are not: how many there are, and the oldest. Undefined: there are none. */
export async function findOverdueRed(
  db: Db,
  before: Date,
): Promise<{ count: number; fapiaoId: string; orderId: string; demandedAt: Date } | undefined> {
  const overdue = db.selectFrom('fapiao').where('red_due', '=', 1).where('red_demanded_at', '<', before);
  const row = await overdue
    .select(['id', 'order_id', 'red_demanded_at', (eb) => eb.fn.countAll<number>().over().as('count')])
    .orderBy('red_demanded_at')
    .limit(1)
    .executeTakeFirst();
  if (row === undefined || row.red_demanded_at === null) return undefined;
  return { count: row.count, fapiaoId: row.id, orderId: row.order_id, demandedAt: row.red_demanded_at };
}

/** As people see it: without the places of its files. */
export function toFapiao(stored: StoredFapiao): Fapiao {
  const { objectKey: _blue, redObjectKey: _red, redDemandedAt, createdAt, updatedAt, ...seen } = stored;
  return {
    ...seen,
    redDemandedAt: redDemandedAt?.toISOString() ?? null,
    createdAt: createdAt.toISOString(),
    updatedAt: updatedAt.toISOString(),
  };
}

const dayOf = (day: Date | null): string | null => day?.toISOString().slice(0, 10) ?? null;

function toStored(row: Selectable<FapiaoTable>): StoredFapiao {
  return {
    id: row.id,
    orderId: row.order_id,
    userId: row.user_id,
    title: { kind: row.kind, name: row.title, taxNo: row.tax_no },
    amountFen: row.amount_fen,
    status: row.status,
    number: row.fapiao_no,
    issuedOn: dayOf(row.issued_on),
    objectKey: row.object_key,
    redNumber: row.red_no,
    redIssuedOn: dayOf(row.red_issued_on),
    redObjectKey: row.red_object_key,
    redDemandedAt: row.red_demanded_at,
    rejectReason: row.reject_reason,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  };
}
