import { burn } from './quota.ts';

export type BurnableGrant = Parameters<typeof burn>[0][number];

/** What one member can spend, as read under the lock on the member's row. */
export type Purse = {
  readonly userId: string;
  /** users.quota_remaining: the sum of all grants, also those that have ended and wait to be written off. */
  readonly balance: number;
  readonly ledgerSeq: number;
  readonly grants: readonly BurnableGrant[];
};

/** One charge to be written: what it takes from which grant, and its place in the member's ledger. */
export type PlannedCharge = {
  readonly chargeId: string;
  readonly userId: string;
  readonly taskId: string;
  readonly amount: number;
  readonly takes: readonly { grantId: string; amount: number }[];
  readonly seq: number;
  readonly balanceBefore: number;
  readonly balanceAfter: number;
};

/** The sum that can be spent at `now`. */
export function spendable(purse: Purse, now: Date): number {
  return purse.grants.reduce((sum, grant) => (grant.expiresAt > now ? sum + grant.remaining : sum), 0);
}

/**
 * Takes `amount` from the purse, the grant that ends first paying first. Returns the charge and what is left, or undefined
 * when the live grants do not hold that much; then nothing has changed.
 */
export function chargePurse(
  purse: Purse,
  charge: { chargeId: string; taskId: string; amount: number },
  now: Date,
): { charge: PlannedCharge; purse: Purse } | undefined {
  if (!Number.isSafeInteger(charge.amount) || charge.amount < 0)
    throw new Error('a charge is a whole number, never negative');
  // What is free takes nothing from anywhere, also from a member who has nothing.
  const takes = charge.amount === 0 ? [] : burn(purse.grants, charge.amount, now);
  if (takes === undefined) return undefined;
  const taken = new Map(takes.map((take) => [take.grantId, take.amount]));
  const seq = purse.ledgerSeq + 1;
  const balanceAfter = purse.balance - charge.amount;
  return {
    charge: { ...charge, userId: purse.userId, takes, seq, balanceBefore: purse.balance, balanceAfter },
    purse: {
      userId: purse.userId,
      balance: balanceAfter,
      ledgerSeq: seq,
      grants: purse.grants.map((grant) => ({ ...grant, remaining: grant.remaining - (taken.get(grant.id) ?? 0) })),
    },
  };
}
