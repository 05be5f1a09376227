import type { Db } from '@yunshang/db';
import { sql } from 'kysely';

/** A fault, how it is written past every constraint, and the one row its rule then finds. */
export type PlantedCase = {
  rule: string;
  by: string;
  plant: (db: Db) => Promise<unknown>;
  id: (db: Db) => string | Promise<string>;
  now?: Date;
};

/** The number that the table's next row will have; what information_schema says of it can be a day old on MySQL. */
export const nextOf = async (db: Db, table: string): Promise<string> => {
  const { rows } = await sql<{ 'Create Table': string }>`SHOW CREATE TABLE ${sql.id(table)}`.execute(db);
  return / AUTO_INCREMENT=(\d+)/.exec(rows[0]?.['Create Table'] ?? '')?.[1] ?? '1';
};

export const dropJob = (db: Db, key: string) => db.deleteFrom('outbox').where('dedup_key', '=', key).execute();
