import { AppError, type MemberQuota } from '@yunshang/contracts';
import type { Clock, Db } from '@yunshang/db';
import { getBalance } from './balance.store.ts';
import type { QuotaHistory } from './history.ts';

/** A member's grants and ledger, for those who may look into the books. USER_NOT_FOUND. */
export async function getMemberQuota(
  deps: { db: Db; clock: Clock; history: QuotaHistory },
  { userId, ...page }: { userId: string; cursor?: number | undefined; limit: number },
): Promise<MemberQuota> {
  const { db, clock, history } = deps;
  const user = await db.selectFrom('users').select('id').where('id', '=', userId).executeTakeFirst();
  if (user === undefined) throw new AppError('USER_NOT_FOUND');
  return { balance: await getBalance(db, userId, clock.now()), history: await history.list(userId, page) };
}
