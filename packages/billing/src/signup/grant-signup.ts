import type { Tx } from '@yunshang/db';
import { giveQuota } from '../quota/give-quota.ts';
import { lockUser } from '../quota/ledger.store.ts';

/** What a new account begins with; nothing when `quota` is 0. */
export type SignupGrant = { quota: number; days: number };

/** Gives a new account its first quota, in the transaction that makes the account. A second time is refused by a unique key. */
export async function grantSignup(
  tx: Tx,
  { quota, days }: SignupGrant,
  made: { userId: string; now: Date },
): Promise<void> {
  if (quota === 0) return;
  const { userId, now } = made;
  await giveQuota(tx, await lockUser(tx, userId), {
    source: 'signup',
    amount: quota,
    days,
    effectKey: `signup:${userId}`,
    cause: 'signed_up',
    now,
  });
}
