import type { GrantSource } from '@yunshang/contracts';
import { newId, type Tx } from '@yunshang/db';
import { sql } from 'kysely';
import { appendMovements, type LockedUser } from './ledger.store.ts';
import type { Allocation } from './quota.ts';

export type NewGrant = {
  source: GrantSource;
  amount: number;
  expiresAt: Date;
  /** Names what the grant is for, `order:<orderId>` for one: the same thing is never granted twice. */
  effectKey: string;
  orderId?: string;
  now: Date;
};

/** Writes the grant's row alone; the caller writes the ledger row that carries its quota. Returns its id. */
export async function insertGrant(tx: Tx, userId: string, grant: NewGrant): Promise<string> {
  const id = newId();
  await tx
    .insertInto('quota_grants')
    .values({
      id,
      user_id: userId,
      source: grant.source,
      amount: grant.amount,
      remaining: grant.amount,
      expires_at: grant.expiresAt,
      order_id: grant.orderId ?? null,
      effect_key: grant.effectKey,
      created_at: grant.now,
    })
    .execute();
  return id;
}

/**
 * Grants quota to a locked member: the grant, its ledger row, the balance. A second grant with the same `effectKey` is
 * refused by a unique key and undoes the caller's transaction. Returns the member as it stands then.
 */
export async function grantQuota(
  tx: Tx,
  user: LockedUser,
  grant: NewGrant & { cause: string },
): Promise<{ grantId: string; user: LockedUser }> {
  const grantId = await insertGrant(tx, user.id, grant);
  const after = await appendMovements(tx, user, {
    movements: [
      {
        kind: 'grant',
        amount: grant.amount,
        cause: grant.cause,
        effectKey: `grant:${grantId}`,
        grantId,
        ...(grant.orderId === undefined ? {} : { orderId: grant.orderId }),
      },
    ],
    now: grant.now,
  });
  return { grantId, user: after };
}

/** Puts amounts back into grants of a locked member. */
export async function returnToGrants(tx: Tx, userId: string, returns: readonly Allocation[]): Promise<void> {
  if (returns.length === 0) return;
  const cases = returns.map((part) => sql`WHEN ${part.grantId} THEN ${part.amount}`);
  const { numUpdatedRows } = await tx
    .updateTable('quota_grants')
    .set({ remaining: sql<number>`remaining + CASE id ${sql.join(cases, sql` `)} END` })
    .where('user_id', '=', userId)
    .where(
      'id',
      'in',
      returns.map((part) => part.grantId),
    )
    .executeTakeFirst();
  if (numUpdatedRows !== BigInt(returns.length)) throw new Error('a grant to return quota to is not there');
}
