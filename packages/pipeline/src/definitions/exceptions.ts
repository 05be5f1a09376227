import { AppError, type Approval, type ExceptionKind } from '@yunshang/contracts';
import { requestApproval, type Executor } from '@yunshang/billing';
import { inTransaction, type Actor, type Clock, type Db, type Tx } from '@yunshang/db';
import { z } from 'zod';
import { findApprovedException } from './exception.store.ts';

/** An exception is looked at again within a year. */
const LONGEST_MS = 366 * 24 * 3_600_000;

const payloadSchema = z.strictObject({ featureId: z.string(), until: z.iso.datetime() });

export type Exceptions = {
  /** Asks for a second person: a feature that is free, or that costs more than it brings in. Throws INPUT_INVALID. */
  requestException(
    actor: Actor,
    wish: { featureId: string; kind: ExceptionKind; until: string; reason: string },
  ): Promise<Approval>;
};

export function createExceptions({ db, clock }: { db: Db; clock: Clock }): Exceptions {
  return {
    requestException: async (actor, { featureId, kind, until, reason }) => {
      const now = clock.now();
      assertWithinAYear(until, now);
      const payload = { featureId, until };
      const wish = { kind, subjectType: 'feature', subjectId: featureId, payload, reason, now };
      return inTransaction(db, (tx) => requestApproval(tx, actor, wish));
    },
  };
}

/** The approval itself is the exception: saving the feature finds it. It can not be granted when it would have ended already. */
export function exceptionExecutors(clock: Clock): Record<ExceptionKind, Executor> {
  const grant: Executor = async (_tx, approval) => {
    const { featureId, until } = payloadSchema.parse(approval.payload);
    if (featureId !== approval.subjectId || Date.parse(until) <= clock.now().getTime())
      throw new AppError('STATE_CONFLICT', { reason: 'the exception would have ended already' });
  };
  return { free_feature: grant, below_cost: grant };
}

/** The approval that lets this feature be free now; the database refuses a row of cost 0 that names none. */
export async function freeApprovalOf(
  tx: Tx,
  feature: { featureId: string; quotaCost: number },
  now: Date,
): Promise<string | null> {
  if (feature.quotaCost > 0) return null;
  const approvals = await findApprovedException(tx, { featureId: feature.featureId, kind: 'free_feature' });
  const inForce = approvals.find(({ payload }) => Date.parse(payloadSchema.parse(payload).until) > now.getTime());
  return inForce?.id ?? null;
}

function assertWithinAYear(until: string, now: Date): void {
  const ms = Date.parse(until) - now.getTime();
  if (ms > 0 && ms <= LONGEST_MS) return;
  const text = { zh: '必须在一年之内，且晚于现在', en: 'must be later than now and within a year' };
  throw new AppError('INPUT_INVALID', { issues: [{ field: 'until', rule: 'range', ...text }] });
}
