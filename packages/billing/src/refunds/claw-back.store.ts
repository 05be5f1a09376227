import type { Tx } from '@yunshang/db';
import { sql } from 'kysely';
import { appendMovements, type LockedUser } from '../quota/ledger.store.ts';

export type PurchasedGrant = {
  id: string;
  amount: number;
  remaining: number;
  expiresAt: Date;
  isWrittenOff: boolean;
  /** What running tasks have taken from it and may give back. */
  held: number;
  due: number;
};

/** The grant an order bought, with what of it is in the hands of running tasks; the member's row is locked. */
export async function findPurchasedGrant(tx: Tx, orderId: string): Promise<PurchasedGrant | undefined> {
  const grant = await tx
    .selectFrom('quota_grants as g')
    .leftJoin('quota_logs as ending', (on) => on.onRef('ending.grant_id', '=', 'g.id').on('ending.kind', '=', 'expire'))
    .select(['g.id', 'g.amount', 'g.remaining', 'g.clawback_due', 'g.expires_at', 'ending.id as ending'])
    .where('g.order_id', '=', orderId)
    .executeTakeFirst();
  if (grant === undefined) return undefined;
  const held = await tx
    .selectFrom('quota_allocations as spend')
    .innerJoin('quota_charges as charge', 'charge.id', 'spend.charge_id')
    .select((eb) => eb.fn.sum<string>('spend.amount').as('amount'))
    .where('spend.grant_id', '=', grant.id)
    .where('spend.direction', '=', 'spend')
    .where('charge.status', '=', 'held')
    .executeTakeFirst();
  const { id, amount, remaining, clawback_due: due, expires_at: expiresAt } = grant;
  const isWrittenOff = grant.ending !== null;
  return { id, amount, remaining, expiresAt, isWrittenOff, held: Number(held?.amount ?? 0), due };
}

/**
 * Quota of the order that refunds which came to nothing have given back when its own grant had ended: it goes with the money like the
 * rest. The oldest first.
 */
export async function listGivenBack(tx: Tx, orderId: string): Promise<{ id: string; remaining: number }[]> {
  return tx
    .selectFrom('order_refunds as r')
    .innerJoin('quota_grants as g', (on) => on.on('g.effect_key', '=', sql`CONCAT('refund_closed:', r.id)`))
    .select(['g.id', 'g.remaining'])
    .where('r.order_id', '=', orderId)
    .where('r.status', '=', 'closed')
    .orderBy('g.id')
    .execute();
}

/** Raises what is due of a grant. */
export async function raiseDue(tx: Tx, grantId: string, amount: number): Promise<void> {
  if (amount === 0) return;
  await tx
    .updateTable('quota_grants')
    .set((eb) => ({ clawback_due: eb('clawback_due', '+', amount) }))
    .where('id', '=', grantId)
    .execute();
}

export async function lowerDue(tx: Tx, grantId: string, amount: number): Promise<void> {
  if (amount === 0) return;
  await tx
    .updateTable('quota_grants')
    .set((eb) => ({ clawback_due: eb('clawback_due', '-', amount) }))
    .where('id', '=', grantId)
    .execute();
}

/** Takes quota out of a grant of a locked member by a ledger row. `effectKey` names what it is taken for, once. */
export async function takeFromGrant(
  tx: Tx,
  user: LockedUser,
  take: { grantId: string; orderId: string; amount: number; effectKey: string; now: Date },
): Promise<LockedUser> {
  if (take.amount === 0) return user;
  const { numUpdatedRows } = await tx
    .updateTable('quota_grants')
    .set((eb) => ({ remaining: eb('remaining', '-', take.amount) }))
    .where('id', '=', take.grantId)
    .where('remaining', '>=', take.amount)
    .executeTakeFirst();
  if (numUpdatedRows !== 1n) throw new Error('the grant holds less than is to be taken back');
  const { grantId, orderId, effectKey } = take;
  const movement = {
    kind: 'clawback' as const,
    amount: -take.amount,
    cause: 'order_refunded',
    effectKey,
    grantId,
    orderId,
  };
  return appendMovements(tx, user, { movements: [movement], now: take.now });
}

/** The open or ended refunds that still have to take something of the order's quota, the oldest first. */
export async function listDueRefunds(tx: Tx, orderId: string): Promise<{ id: string; due: number }[]> {
  const rows = await tx
    .selectFrom('order_refunds')
    .select(['id', 'due_quota'])
    .where('order_id', '=', orderId)
    .where('status', '<>', 'closed')
    .where('due_quota', '>', 0)
    .orderBy('id')
    .execute();
  return rows.map((row) => ({ id: row.id, due: row.due_quota }));
}
