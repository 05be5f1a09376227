import { type Clock, type Database, inTransaction, type Tx } from '@yunshang/db';
import { appendMovements, lockUser } from './ledger.store.ts';

/** Members whose ended grants one run writes off; the next run goes on. */
const MEMBERS_PER_RUN = 200;

/**
 * Writes off what is left in grants that have ended: one `expire` ledger row each, one transaction a member. Returns how
 * many grants it wrote off. One member's failure does not keep the others waiting: it is thrown when all have had their turn.
 */
export async function writeOffEndedGrants(
  deps: { database: Pick<Database, 'db'>; clock: Clock },
  limit: number = MEMBERS_PER_RUN,
): Promise<number> {
  const { db } = deps.database;
  const now = deps.clock.now();
  const members = await db
    .selectFrom('quota_grants')
    .select('user_id')
    .where('open_until', '<=', now)
    .groupBy('user_id')
    .limit(limit)
    .execute();
  let count = 0;
  const failures: unknown[] = [];
  for (const { user_id } of members) {
    try {
      count += await inTransaction(db, (tx) => writeOffMember(tx, user_id, now));
    } catch (error) {
      failures.push(error);
    }
  }
  if (failures.length > 0)
    throw new AggregateError(failures, `${failures.length} members' grants were not written off`);
  return count;
}

async function writeOffMember(tx: Tx, userId: string, now: Date): Promise<number> {
  const user = await lockUser(tx, userId);
  const ended = await tx
    .selectFrom('quota_grants')
    .select(['id', 'remaining'])
    .where('user_id', '=', userId)
    .where('open_until', '<=', now)
    .orderBy('open_until')
    .orderBy('id')
    .forUpdate()
    .execute();
  if (ended.length === 0) return 0;
  const ids = ended.map((grant) => grant.id);
  await tx.updateTable('quota_grants').set({ remaining: 0 }).where('id', 'in', ids).execute();
  await appendMovements(tx, user, {
    movements: ended.map((grant) => ({
      kind: 'expire' as const,
      amount: -grant.remaining,
      cause: 'grant_ended',
      effectKey: `expire:${grant.id}`,
      grantId: grant.id,
    })),
    now,
  });
  return ended.length;
}
