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

/** The number that the table's next row will have. */
export const nextOf = async (db: Db, table: string): Promise<string> => {
  const rows = await sql<{ next: number }>`SELECT AUTO_INCREMENT AS next FROM information_schema.tables
    WHERE table_schema = DATABASE() AND table_name = ${table}`.execute(db);
  return String(rows.rows[0]?.next);
};

export const dropJob = (db: Db, key: string) => db.deleteFrom('outbox').where('dedup_key', '=', key).execute();
