import { AppError, type Approval, type ApprovalKind } from '@yunshang/contracts';
import { type Actor, type Clock, type Db, inTransaction, recordAudit, type Tx } from '@yunshang/db';
import {
  type ApprovalsPage,
  findApproval,
  insertApproval,
  listApprovals,
  moveApproval,
  type NewApproval,
} from './approval.store.ts';
import { personOf } from './person.ts';

/** What is done when a wish is approved, in the transaction that approves it. Throws an AppError when it can not be (any more). */
export type Executor = (tx: Tx, approval: Approval, decider: Actor) => Promise<void>;

export type Approvals = {
  get(approvalId: string): Promise<Approval>;
  /** The newest first; `cursor` is the `nextCursor` of the page before. */
  list(page: ApprovalsPage): Promise<{ items: Approval[]; nextCursor: string | null }>;
  /**
   * Approves and does it, or rejects. APPROVAL_NOT_FOUND, APPROVAL_OWN for whoever asked, STATE_CONFLICT when it has been decided or
   * its time is over; and whatever doing it throws, after which nothing is decided.
   */
  decide(
    actor: Actor,
    input: { approvalId: string; decision: 'approve' | 'reject'; reason: string },
  ): Promise<Approval>;
  /** By whoever asked. APPROVAL_NOT_FOUND, STATE_CONFLICT, FORBIDDEN. */
  withdraw(actor: Actor, approvalId: string): Promise<Approval>;
};

/** Asks for a second person in the transaction that finds one necessary. */
export async function requestApproval(tx: Tx, actor: Actor, wish: Omit<NewApproval, 'requestedBy'>): Promise<Approval> {
  const approval = await insertApproval(tx, { ...wish, requestedBy: personOf(actor) });
  await audit(tx, actor, { approval, action: 'approval.requested', now: wish.now });
  return approval;
}

export function createApprovals(deps: {
  db: Db;
  clock: Clock;
  executors: Readonly<Partial<Record<ApprovalKind, Executor>>>;
}): Approvals {
  const { db, clock, executors } = deps;

  async function get(approvalId: string): Promise<Approval> {
    const approval = await findApproval(db, approvalId);
    if (approval === undefined) throw new AppError('APPROVAL_NOT_FOUND');
    return approval;
  }

  async function execute(tx: Tx, approval: Approval, decider: Actor): Promise<void> {
    const executor = executors[approval.kind];
    if (executor === undefined) throw new Error(`nobody can carry out ${approval.kind}`);
    await executor(tx, approval, decider);
  }

  return {
    get,
    list: (page) => listApprovals(db, page),
    async decide(actor, { approvalId, decision, reason }) {
      const approval = await get(approvalId);
      if (approval.requestedBy === actor.id) throw new AppError('APPROVAL_OWN');
      const to = decision === 'approve' ? 'approved' : 'rejected';
      await inTransaction(db, async (tx) => {
        const now = clock.now();
        const isMoved = await moveApproval(tx, { id: approvalId, to, by: personOf(actor), reason, now });
        if (!isMoved) throw new AppError('STATE_CONFLICT', { reason: 'approval_ended' });
        if (to === 'approved') await execute(tx, approval, actor);
        await audit(tx, actor, { approval, action: `approval.${to}`, reason, now });
      });
      return get(approvalId);
    },
    async withdraw(actor, approvalId) {
      const approval = await get(approvalId);
      if (approval.requestedBy !== actor.id) throw new AppError('FORBIDDEN');
      await inTransaction(db, async (tx) => {
        const now = clock.now();
        const isMoved = await moveApproval(tx, { id: approvalId, to: 'withdrawn', by: approval.requestedBy, now });
        if (!isMoved) throw new AppError('STATE_CONFLICT', { reason: 'approval_ended' });
        await audit(tx, actor, { approval, action: 'approval.withdrawn', now });
      });
      return get(approvalId);
    },
  };
}

async function audit(
  tx: Tx,
  actor: Actor,
  entry: { approval: Approval; action: string; reason?: string; now: Date },
): Promise<void> {
  const { kind, subjectType, subjectId, payload } = entry.approval;
  await recordAudit(tx, actor, {
    action: entry.action,
    subjectType: 'approval',
    subjectId: entry.approval.id,
    details: { kind, subjectType, subjectId, payload, ...(entry.reason === undefined ? {} : { reason: entry.reason }) },
    now: entry.now,
  });
}
