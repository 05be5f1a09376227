import { AppError, inputInvalid, type RecordedTopUp, type RecordTopUp } from '@yunshang/contracts';
import { inTransaction, recordAudit, type Actor, type Clock, type Db } from '@yunshang/db';
import { insertTopUp } from './vendor-account.store.ts';

const MICRO = 1_000_000;

export type TopUps = {
  /**
   * Writes down what was paid into a vendor's account, which its balance alone does not say; told again, it is the same. INPUT_INVALID for an account that is none, a time
   * to come, or nothing.
   */
  record(actor: Actor, input: RecordTopUp): Promise<RecordedTopUp>;
};

export function createTopUps(deps: { db: Db; clock: Clock; isProvider: (ref: string) => Promise<boolean> }): TopUps {
  const { db, clock, isProvider } = deps;
  return {
    record: async (actor, input) => {
      const { account, microYuan, coins, note } = input;
      const [at, now] = [new Date(input.at), clock.now()];
      if (actor.id === null) throw new AppError('FORBIDDEN');
      const recordedBy = actor.id;
      if (!(await isProvider(account)))
        throw inputInvalid('account', 'provider', { zh: '没有这个供应商', en: 'there is no such provider' });
      if (at > now)
        throw inputInvalid('at', 'past', { zh: '充值时间不能在未来', en: 'what was paid in was paid before now' });
      if (microYuan === 0 && coins === 0)
        throw inputInvalid('microYuan', 'amount', { zh: '金额与点数不能都为零', en: 'neither money nor coins' });
      const id = await inTransaction(db, async (tx) => {
        const entry = { account, microYuan, microCoins: coins * MICRO, note, recordedBy, at, now };
        const { id: subjectId, isNew } = await insertTopUp(tx, entry);
        if (!isNew) return subjectId;
        await recordAudit(tx, actor, {
          action: 'vendor.topped_up',
          subjectType: 'vendor_account',
          subjectId,
          details: { account, microYuan, coins, at: at.toISOString(), note },
          now,
        });
        return subjectId;
      });
      return { id, account, microYuan, coins, at: at.toISOString() };
    },
  };
}
