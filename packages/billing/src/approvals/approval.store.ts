import { APPROVAL_KINDS, type Approval, type ApprovalKind, type ApprovalStatus } from '@yunshang/contracts';
import { type ApprovalsTable, type Db, fromJson, newId, toJson, type Tx } from '@yunshang/db';
import type { Selectable } from 'kysely';
import { z } from 'zod';
import { APPROVAL_LIFE_MS, statesBefore } from './approval.ts';

export type NewApproval = {
  kind: ApprovalKind;
  subjectType: string;
  subjectId: string;
  payload: Readonly<Record<string, unknown>>;
  reason: string;
  requestedBy: string;
  now: Date;
};

export async function insertApproval(tx: Tx, wish: NewApproval): Promise<Approval> {
  const row = {
    id: newId(),
    kind: wish.kind,
    subject_type: wish.subjectType,
    subject_id: wish.subjectId,
    payload: toJson(wish.payload),
    reason: wish.reason,
    requested_by: wish.requestedBy,
    status: 'pending' as const,
    created_at: wish.now,
    expires_at: new Date(wish.now.getTime() + APPROVAL_LIFE_MS),
  };
  await tx.insertInto('approvals').values(row).execute();
  return toApproval({ ...row, decided_by: null, decision_reason: null, decided_at: null });
}

export async function findApproval(db: Db, id: string): Promise<Approval | undefined> {
  const row = await db.selectFrom('approvals').selectAll().where('id', '=', id).executeTakeFirst();
  return row === undefined ? undefined : toApproval(row);
}

export type ApprovalsPage = {
  status?: ApprovalStatus | undefined;
  kind?: ApprovalKind | undefined;
  cursor?: string | undefined;
  limit: number;
};

/** The newest first. */
export async function listApprovals(
  db: Db,
  page: ApprovalsPage,
): Promise<{ items: Approval[]; nextCursor: string | null }> {
  let query = db.selectFrom('approvals').selectAll().orderBy('id', 'desc');
  if (page.status !== undefined) query = query.where('status', '=', page.status);
  if (page.kind !== undefined) query = query.where('kind', '=', page.kind);
  if (page.cursor !== undefined) query = query.where('id', '<', page.cursor);
  const rows = await query.limit(page.limit + 1).execute();
  const items = rows.slice(0, page.limit).map(toApproval);
  return { items, nextCursor: rows.length > page.limit ? (items.at(-1)?.id ?? null) : null };
}

export type ApprovalMove =
  | { id: string; to: 'approved' | 'rejected'; by: string; reason: string; now: Date }
  | { id: string; to: 'withdrawn'; by: string; now: Date }
  | { id: string; to: 'expired'; now: Date };

/** From where the table of moves allows it; false when somebody was quicker, the time is over, or it is not theirs to move. */
export async function moveApproval(tx: Tx, move: ApprovalMove): Promise<boolean> {
  const { numUpdatedRows } = await guarded(tx, move)
    .set({
      status: move.to,
      decided_at: move.now,
      ...('reason' in move ? { decided_by: move.by, decision_reason: move.reason } : {}),
    })
    .executeTakeFirst();
  return numUpdatedRows === 1n;
}

/** The row as far as this move may touch it: time has the last word, and nobody decides about a wish of their own. */
function guarded(tx: Tx, move: ApprovalMove) {
  const row = tx.updateTable('approvals').where('id', '=', move.id).where('status', 'in', statesBefore(move.to));
  if (move.to === 'expired') return row.where('expires_at', '<=', move.now);
  const inTime = row.where('expires_at', '>', move.now);
  return inTime.where('requested_by', move.to === 'withdrawn' ? '=' : '<>', move.by);
}

/** Wishes whose time is over and that nobody has decided about, the oldest first. */
export async function listOverdue(db: Db, now: Date, limit: number): Promise<string[]> {
  const rows = await db
    .selectFrom('approvals')
    .select('id')
    .where('status', '=', 'pending')
    .where('expires_at', '<=', now)
    .orderBy('id')
    .limit(limit)
    .execute();
  return rows.map((row) => row.id);
}

const kindSchema = z.enum(APPROVAL_KINDS);
const payloadSchema = z.record(z.string(), z.unknown());

function toApproval(row: Omit<Selectable<ApprovalsTable>, 'payload'> & { payload: unknown }): Approval {
  return {
    id: row.id,
    kind: kindSchema.parse(row.kind),
    subjectType: row.subject_type,
    subjectId: row.subject_id,
    payload: payloadSchema.parse(fromJson(row.payload)),
    reason: row.reason,
    requestedBy: row.requested_by,
    status: row.status,
    decidedBy: row.decided_by,
    decisionReason: row.decision_reason,
    createdAt: row.created_at.toISOString(),
    expiresAt: row.expires_at.toISOString(),
    decidedAt: row.decided_at?.toISOString() ?? null,
  };
}
