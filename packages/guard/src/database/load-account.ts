import type { Db } from '@yunshang/db';
import { type RawBuilder, sql } from 'kysely';
import { z } from 'zod';
import type { Account, DatabaseFacts } from './facts.ts';

/** `GRANT role TO account`, as both servers print it; a role of MySQL has a host. */
const ROLES = /^GRANT ((?:`[^`]+`(?:@`[^`]+`)?,? ?)+) TO /;

/**
 * What the account may do, by itself or by a role that it has or may take. Without a name it is the connection's own. Rejects where
 * somebody may not see it.
 */
export async function loadAccount(db: Db, server: DatabaseFacts['server'], name?: string): Promise<Account> {
  const [, user = name ?? '', host = '%'] = /^(.*)@(.*)$/.exec(name ?? '') ?? [];
  const account = name === undefined ? sql`CURRENT_USER()` : sql`${sql.lit(user)}@${sql.lit(host)}`;
  const own = await showGrants(db, account);
  return { name: name ?? accountIn(own), grants: await withRoles(db, server, { account, own }) };
}

/** MySQL adds up what roles give when they are named; MariaDB tells of each role, with the roles inside it. */
async function withRoles(
  db: Db,
  server: DatabaseFacts['server'],
  { account, own }: { account: RawBuilder<unknown>; own: readonly string[] },
): Promise<readonly string[]> {
  const roles = own.flatMap((grant) => ROLES.exec(grant)?.[1]?.split(/, ?/) ?? []).map((role) => sql.raw(role));
  if (roles.length === 0) return own;
  if (server === 'mysql') return showGrants(db, sql`${account} USING ${sql.join(roles)}`);
  const ofRoles: string[] = [];
  for (const role of roles) ofRoles.push(...(await showGrants(db, role)));
  return [...own, ...ofRoles];
}

async function showGrants(db: Db, whose: RawBuilder<unknown>): Promise<string[]> {
  const { rows } = await sql`SHOW GRANTS FOR ${whose}`.execute(db);
  return z
    .array(z.record(z.string(), z.string()))
    .parse(rows)
    .flatMap((row) => Object.values(row));
}

function accountIn(grants: readonly string[]): string {
  const [user, host] = grants.flatMap((grant) => [
    ...(/ TO [`']([^`']*)[`']@[`']([^`']*)[`']/.exec(grant)?.slice(1) ?? []),
  ]);
  return `${user ?? 'unknown'}@${host ?? '%'}`;
}
