import { AppError, type GrantSource } from '@yunshang/contracts';
import type { Tx } from '@yunshang/db';
import { grantQuota } from './grant.store.ts';
import type { LockedUser } from './ledger.store.ts';

const DAY_MS = 24 * 3_600_000;
/** The most quota that an account can be given to; what it buys is never refused. */
const MOST_QUOTA = 1_000_000;

export type QuotaGift = {
  source: Exclude<GrantSource, 'purchase'>;
  amount: number;
  /** Days of 24 hours from now. */
  days: number;
  /** Names what it is given for: the same thing is never given twice. */
  effectKey: string;
  cause: string;
  now: Date;
};
export type Given = { grantId: string; expiresAt: Date };

/** Gives a locked member quota that nobody paid for. STATE_CONFLICT (`balance_full`) for an account that has more than anybody can use. */
export async function giveQuota(tx: Tx, user: LockedUser, gift: QuotaGift): Promise<Given> {
  const { days, ...grant } = gift;
  if (user.quotaRemaining + gift.amount > MOST_QUOTA) throw new AppError('STATE_CONFLICT', { reason: 'balance_full' });
  const expiresAt = new Date(gift.now.getTime() + days * DAY_MS);
  const { grantId } = await grantQuota(tx, user, { ...grant, expiresAt });
  return { grantId, expiresAt };
}
