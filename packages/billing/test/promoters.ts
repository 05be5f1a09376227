import { newId, type Actor, type Db } from '@yunshang/db';
import type { FakeClock } from '@yunshang/devstack';
import {
  batchExecutor,
  campaignExecutor,
  compensationExecutor,
  createApprovals,
  createCampaigns,
  createCodes,
  createCompensations,
  type Approvals,
  type Campaigns,
  type Codes,
  type Compensations,
} from '../src/index.ts';
import { makeMember } from './members.ts';

/** What gives quota away, with small limits for one person. */
export type Promoters = {
  codes: Codes;
  campaigns: Campaigns;
  compensations: Compensations;
  approvals: Approvals;
  finance: Actor;
  other: Actor;
};

export async function promotersOf(db: Db, clock: FakeClock): Promise<Promoters> {
  const person = async (role: 'finance' | 'admin'): Promise<Actor> => ({
    id: await makeMember(db, clock.now()),
    role,
    requestId: 'test',
  });
  const limits = { aloneQuota: 1_000 };
  const executors = {
    code_batch: batchExecutor(clock),
    promotion: campaignExecutor(clock),
    compensation: compensationExecutor(clock),
  };
  return {
    codes: createCodes({ db, clock, keys: [Buffer.alloc(32, 1)], limits }),
    campaigns: createCampaigns({ db, clock, limits }),
    compensations: createCompensations({ db, clock, limits: { perMember: 50, perDay: 120 } }),
    approvals: createApprovals({ db, clock, executors }),
    finance: await person('finance'),
    other: await person('admin'),
  };
}

export const memberActor = (userId: string): Actor => ({ id: userId, role: 'member', requestId: 'test' });
/** A key nobody has used. */
export const freshKey = (): string => newId();

/** How many of these calls succeeded, and the codes of those that did not. */
export async function tally(
  calls: readonly Promise<unknown>[],
): Promise<{ done: number; codes: Record<string, number> }> {
  const settled = await Promise.allSettled(calls);
  const codes: Record<string, number> = {};
  for (const one of settled)
    if (one.status === 'rejected') {
      const code = String(Reflect.get(Object(one.reason), 'code'));
      codes[code] = (codes[code] ?? 0) + 1;
    }
  return { done: settled.filter(({ status }) => status === 'fulfilled').length, codes };
}
