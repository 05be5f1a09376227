import { type Clock, type Db, inTransaction, recordAudit } from '@yunshang/db';
import { listOverdue, moveApproval } from './approval.store.ts';

/** Wishes one run ends; the next run goes on. */
const PER_RUN = 200;

/** Ends wishes that nobody has decided about in time, one transaction each; returns how many. */
export async function expireApprovals({ db, clock }: { db: Db; clock: Clock }): Promise<number> {
  const now = clock.now();
  let count = 0;
  for (const id of await listOverdue(db, now, PER_RUN)) if (await expire(db, id, now)) count += 1;
  return count;
}

function expire(db: Db, id: string, now: Date): Promise<boolean> {
  return inTransaction(db, async (tx) => {
    if (!(await moveApproval(tx, { id, to: 'expired', now }))) return false;
    await recordAudit(
      tx,
      { id: null, role: 'system', requestId: 'approvals.expire' },
      { action: 'approval.expired', subjectType: 'approval', subjectId: id, details: {}, now },
    );
    return true;
  });
}
