import type { PlanBody, PlanVersion } from '@yunshang/contracts';
import type { Db, PlansTable, Tx } from '@yunshang/db';
import type { Selectable } from 'kysely';
import { statesBefore } from './plan.ts';
import { toPlan } from './plan.store.ts';

/** Every version, the newest of each plan first. */
export async function listPlanVersions(db: Db, planId?: string): Promise<PlanVersion[]> {
  let query = db.selectFrom('plans').selectAll();
  if (planId !== undefined) query = query.where('plan_id', '=', planId);
  const rows = await query.orderBy('level').orderBy('plan_id').orderBy('version', 'desc').execute();
  return rows.map(toVersion);
}

export async function findPlanVersion(db: Db, id: PlanVersionId): Promise<PlanVersion | undefined> {
  const row = await db
    .selectFrom('plans')
    .selectAll()
    .where('plan_id', '=', id.planId)
    .where('version', '=', id.version)
    .executeTakeFirst();
  return row === undefined ? undefined : toVersion(row);
}

export type PlanVersionId = { planId: string; version: number };

/** Locks all versions of a plan until the transaction ends: one person at a time works on it. */
export async function lockVersions(tx: Tx, planId: string): Promise<PlanVersion[]> {
  const rows = await tx.selectFrom('plans').selectAll().where('plan_id', '=', planId).forUpdate().execute();
  return rows.map(toVersion);
}

/** Writes a new draft; a unique key refuses a second open one of the plan. */
export async function insertDraft(
  tx: Tx,
  draft: { body: PlanBody; version: number; createdBy: string | null; now: Date },
): Promise<void> {
  await tx
    .insertInto('plans')
    .values({
      ...columnsOf(draft.body),
      plan_id: draft.body.planId,
      version: draft.version,
      status: 'draft',
      created_by: draft.createdBy,
      created_at: draft.now,
    })
    .execute();
}

/** Replaces the text of a draft; false when it is none (any more). */
export async function updateDraft(tx: Tx, id: PlanVersionId, body: PlanBody): Promise<boolean> {
  const { numUpdatedRows } = await tx
    .updateTable('plans')
    .set(columnsOf(body))
    .where('plan_id', '=', id.planId)
    .where('version', '=', id.version)
    .where('status', '=', 'draft')
    .executeTakeFirst();
  return numUpdatedRows === 1n;
}

/** False when the version is in no state from which it can move there. */
export async function moveVersion(
  tx: Tx,
  move: PlanVersionId & { to: 'published' | 'archived'; now: Date },
): Promise<boolean> {
  const { numUpdatedRows } = await tx
    .updateTable('plans')
    .set({
      status: move.to,
      ...(move.to === 'published' ? { published_at: move.now } : { archived_at: move.now }),
    })
    .where('plan_id', '=', move.planId)
    .where('version', '=', move.version)
    .where('status', 'in', statesBefore(move.to))
    .executeTakeFirst();
  return numUpdatedRows === 1n;
}

function columnsOf(body: PlanBody) {
  return {
    level: body.level,
    title: body.title,
    title_en: body.titleEn,
    price_fen: body.priceFen,
    quota: body.quota,
    period_days: body.periodDays,
    period_months: body.periodMonths,
  };
}

function toVersion(row: Selectable<PlansTable>): PlanVersion {
  return {
    ...toPlan(row),
    status: row.status,
    createdBy: row.created_by,
    createdAt: row.created_at.toISOString(),
    publishedAt: row.published_at?.toISOString() ?? null,
    archivedAt: row.archived_at?.toISOString() ?? null,
  };
}
