import type { Db } from '@yunshang/db';
import { sql } from 'kysely';

/**
 * Lets rows be written that no CHECK would let in: MariaDB can turn them off for one session, MySQL only for everybody, so there the
 * database has to be the test's own.
 */
export async function pastChecks(
  db: Db,
): Promise<{ enter(session: Db): Promise<void>; leave(session: Db): Promise<void>; end(): Promise<void> }> {
  const { rows } = await sql<{ version: string }>`SELECT VERSION() AS version`.execute(db);
  if (/mariadb/i.test(rows[0]?.version ?? '')) {
    const set = (session: Db, value: 0 | 1) => sql`SET check_constraint_checks = ${sql.lit(value)}`.execute(session);
    return {
      enter: async (session) => void (await set(session, 0)),
      leave: async (session) => void (await set(session, 1)),
      end: async () => {},
    };
  }
  await enforce(db, 'NOT ENFORCED');
  return { enter: async () => {}, leave: async () => {}, end: () => enforce(db, 'ENFORCED') };
}

async function enforce(db: Db, how: 'ENFORCED' | 'NOT ENFORCED'): Promise<void> {
  const { rows } = await sql<{ name: string; parts: string }>`
    SELECT TABLE_NAME AS name, GROUP_CONCAT(CONCAT('ALTER CHECK \`', CONSTRAINT_NAME, '\` ${sql.raw(how)}') SEPARATOR ', ') AS parts
      FROM information_schema.TABLE_CONSTRAINTS
     WHERE CONSTRAINT_SCHEMA = DATABASE() AND CONSTRAINT_TYPE = 'CHECK' GROUP BY TABLE_NAME`.execute(db);
  for (const { name, parts } of rows) await sql`ALTER TABLE ${sql.id(name)} ${sql.raw(parts)}`.execute(db);
}
