import { AppError, type Compensated, compensatedOutput, type Compensation } from '@yunshang/contracts';
import { type Actor, type Clock, type Db, newId, recordAudit, type Tx } from '@yunshang/db';
import { z } from 'zod';
import { type Executor, requestApproval } from '../approvals/approvals.ts';
import { personOf } from '../approvals/person.ts';
import { answerOnce } from '../orders/answer-once.ts';
import { giveQuota } from '../quota/give-quota.ts';
import { lockUser } from '../quota/ledger.store.ts';
import { insertCompensation, sumGivenAlone } from './compensation.store.ts';
import { type CompensationLimits, DAY_WINDOW_MS, MEMBER_WINDOW_MS, takesSecondPerson } from './compensation.ts';

export type CompensateInput = {
  userId: string;
  amount: number;
  days: number;
  reason: string;
  idempotencyKey: string;
};

const payloadSchema = z.strictObject({ userId: z.string(), amount: z.int().positive(), days: z.int().positive() });

/**
 * Gives a member quota for something that went wrong, or asks for a second person where it is more than one may give alone. Nobody gives
 * to themselves: FORBIDDEN (`own_account`). USER_NOT_FOUND.
 */
export async function compensate(
  deps: { db: Db; clock: Clock; limits: CompensationLimits },
  actor: Actor,
  { idempotencyKey, ...input }: CompensateInput,
): Promise<Compensated> {
  const giver = personOf(actor);
  const { userId, amount, days, reason } = input;
  if (giver === userId) throw ownAccount();
  return answerOnce(deps.db, deps.clock, {
    key: { userId: giver, scope: 'grants.compensate', key: idempotencyKey },
    fields: [userId, String(amount), String(days), reason],
    schema: compensatedOutput,
    lockFirst: (tx) => lockBoth(tx, giver, userId),
    work: async (tx, now) => {
      const since = (ms: number): Date => new Date(now.getTime() - ms);
      const givenToMember = await sumGivenAlone(tx, { by: giver, since: since(MEMBER_WINDOW_MS), userId });
      const givenToday = await sumGivenAlone(tx, { by: giver, since: since(DAY_WINDOW_MS) });
      if (takesSecondPerson(deps.limits, { amount, givenToMember, givenToday })) {
        const wish = { kind: 'compensation', subjectType: 'user', subjectId: userId } as const;
        const payload = { userId, amount, days };
        return { compensation: null, approval: await requestApproval(tx, actor, { ...wish, payload, reason, now }) };
      }
      return { compensation: await give(tx, actor, { ...input, giver, approvalId: null, now }), approval: null };
    },
  });
}

/** What an approved wish for a compensation does. Whoever gets it does not decide about it. */
export function compensationExecutor(clock: Clock): Executor {
  return async (tx, approval, decider) => {
    const payload = payloadSchema.parse(approval.payload);
    if (decider.id === payload.userId) throw ownAccount();
    const { requestedBy: giver, id: approvalId, reason } = approval;
    await give(tx, decider, { ...payload, giver, approvalId, reason, now: clock.now() });
  };
}

/** In the order of their ids, as whoever locks several members does. */
async function lockBoth(tx: Tx, one: string, other: string): Promise<void> {
  for (const id of [one, other].toSorted()) await lockUser(tx, id);
}

type Gift = Omit<CompensateInput, 'idempotencyKey'> & { giver: string; approvalId: string | null; now: Date };

async function give(tx: Tx, actor: Actor, gift: Gift): Promise<Compensation> {
  const { userId, amount, days, reason, giver, approvalId, now } = gift;
  const id = newId();
  const { grantId } = await giveQuota(tx, await lockUser(tx, userId), {
    source: 'compensation',
    amount,
    days,
    effectKey: `goodwill:${id}`,
    cause: 'compensated',
    now,
  });
  const compensation = { id, userId, amount, days, reason, givenBy: giver, approvalId, grantId };
  await insertCompensation(tx, { ...compensation, now });
  await recordAudit(tx, actor, {
    action: 'grants.compensated',
    subjectType: 'user',
    subjectId: userId,
    details: { compensationId: id, amount, days, reason, givenBy: giver, approvalId, grantId },
    now,
  });
  return { ...compensation, createdAt: now.toISOString() };
}

function ownAccount(): AppError {
  return new AppError('FORBIDDEN', { reason: 'own_account' });
}
