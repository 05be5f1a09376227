import { AppError } from '@yunshang/contracts';
import { inTransaction, recordAudit, type Actor, type Clock, type Database } from '@yunshang/db';
import { lockUserRow, saveLowQuotaSms } from './user.store.ts';

/**
 * The member agrees to texts about low quota, or takes that back; who agreed keeps the time of the first word. What is on its way may still
 * arrive. Throws USER_NOT_FOUND.
 */
export async function setLowQuotaSms(
  { database, clock }: { database: Database; clock: Clock },
  actor: Actor,
  { userId, agreed }: { userId: string; agreed: boolean },
): Promise<{ agreedAt: string | null }> {
  const agreedAt = await inTransaction(database.db, async (tx) => {
    const user = await lockUserRow(tx, userId);
    if (user === undefined || user.deleted_at !== null) throw new AppError('USER_NOT_FOUND');
    const before = user.low_quota_sms_at;
    if ((before !== null) === agreed) return before;
    const now = clock.now();
    await saveLowQuotaSms(tx, userId, { at: agreed ? now : null, now });
    await recordAudit(tx, actor, {
      action: agreed ? 'account.sms_agreed' : 'account.sms_withdrawn',
      subjectType: 'user',
      subjectId: userId,
      details: { about: 'low_quota', ...(before === null ? {} : { agreedAt: before.toISOString() }) },
      now,
    });
    return agreed ? now : null;
  });
  return { agreedAt: agreedAt?.toISOString() ?? null };
}
