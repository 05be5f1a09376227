import type { Db } from '@yunshang/db';
import { type RawBuilder, sql } from 'kysely';

/**
 * One pass through what several rules would each read again. It names no row: it is quiet only while every rule it covers holds, and when it
 * is not, those rules are asked one by one. So a screen may suspect too much, and never too little.
 */
export type Screen = {
  /** Unique, such as `every_charge`. */
  readonly name: string;
  /** Names of rules. */
  readonly covers: readonly string[];
  readonly isQuiet: (db: Db) => Promise<boolean>;
};

/** Keys above `after` up to and with `upTo`; no end when that is absent. */
type Page = { after: string; upTo: string | undefined };

/** Rows one statement reads: some tenths of a second, so that no old version of a row is kept for long. */
const ROWS = 50_000;

/** Whether no page of the table, in the order of `key` (its first index column), has a row that `suspects` selects. */
export async function isQuietByPages(
  db: Db,
  of: { table: string; key: string },
  suspects: (isInPage: RawBuilder<unknown>) => RawBuilder<unknown>,
): Promise<boolean> {
  const key = sql.ref(`${of.table}.${of.key}`);
  for (let page = await nextPage(db, of, ''); ; page = await nextPage(db, of, page.upTo)) {
    const end = page.upTo === undefined ? sql`` : sql`AND ${key} <= ${page.upTo}`;
    const { rows } = await sql`${suspects(sql`${key} > ${page.after} ${end}`)} LIMIT 1`.execute(db);
    if (rows.length > 0) return false;
    if (page.upTo === undefined) return true;
  }
}

async function nextPage(db: Db, { table, key }: { table: string; key: string }, after: string): Promise<Page> {
  const column = sql.ref(key);
  const { rows } = await sql<{
    upTo: string;
  }>`SELECT ${column} AS upTo FROM ${sql.table(table)} WHERE ${column} > ${after}
    ORDER BY ${column} LIMIT 1 OFFSET ${sql.lit(ROWS)}`.execute(db);
  return { after, upTo: rows[0]?.upTo };
}

/** Whether a statement that selects only what is suspect selects nothing. */
export async function selectsNothing(db: Db, statement: RawBuilder<unknown>): Promise<boolean> {
  return (await statement.execute(db)).rows.length === 0;
}
