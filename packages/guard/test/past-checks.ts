import type { Db } from '@yunshang/db';
import { sql } from 'kysely';

export type PastChecks = {
  /** From here on the session may write what no CHECK lets in, until it leaves. */
  enter(session: Db): Promise<void>;
  leave(session: Db): Promise<void>;
  end(): Promise<void>;
};

/** MariaDB leaves out the checks of one session; MySQL only everybody's, so there the database has to be the test's own. */
export async function pastChecks(db: Db): Promise<PastChecks> {
  const { rows } = await sql<{ version: string }>`SELECT VERSION() AS version`.execute(db);
  if (/mariadb/i.test(rows[0]?.version ?? ''))
    return { enter: (session) => check(session, 0), leave: (session) => check(session, 1), end: async () => {} };
  await enforce(db, 'NOT ENFORCED');
  return { enter: async () => {}, leave: async () => {}, end: () => enforce(db, 'ENFORCED') };
}

async function check(session: Db, value: 0 | 1): Promise<void> {
  await sql`SET check_constraint_checks = ${sql.lit(value)}`.execute(session);
}

async function enforce(db: Db, how: 'ENFORCED' | 'NOT ENFORCED'): Promise<void> {
  const { rows } = await sql<{ place: string; name: string }>`
    SELECT TABLE_NAME AS place, CONSTRAINT_NAME AS name FROM information_schema.TABLE_CONSTRAINTS
     WHERE CONSTRAINT_SCHEMA = DATABASE() AND CONSTRAINT_TYPE = 'CHECK'`.execute(db);
  for (const [place, checks] of Map.groupBy(rows, (row) => row.place)) {
    const changes = checks.map(({ name }) => sql`ALTER CHECK ${sql.id(name)} ${sql.raw(how)}`);
    await sql`ALTER TABLE ${sql.id(place)} ${sql.join(changes)}`.execute(db);
  }
}
