import { bookEstimate, countLateCost, providerItem, safeSum, settleCost } from '@yunshang/billing';
import { inTransaction, type Db, type TaskAttemptsTable } from '@yunshang/db';
import { sql } from 'kysely';
import type { Selectable } from 'kysely';
import { costSubject } from '../running/attempt.store.ts';

type Span = { from: Date; to: Date };

/** An attempt of a task that has ended, with what is booked for it; null where nothing is. */
export type Work = Pick<
  Selectable<TaskAttemptsTable>,
  'id' | 'task_id' | 'vendor_ref' | 'status' | 'cost_micro_yuan' | 'settled_cost_micro_yuan' | 'started_at'
> & {
  provider_ref: string;
  user_id: string;
  feature_id: string;
  created_at: Date;
  kind: string;
  bookedMicroYuan: number | null;
};

/** In the order of their beginning, those that are still under way left out. */
export async function listWork(
  db: Db,
  of: { ref: string; span: Span; after: Pick<Work, 'started_at' | 'id'> | undefined; limit: number },
): Promise<Work[]> {
  const { ref, span, after, limit } = of;
  let query = db
    .selectFrom('task_attempts as a')
    .innerJoin('tasks as t', 't.id', 'a.task_id')
    .innerJoin('provider_endpoints as e', 'e.provider_ref', 'a.provider_ref')
    .select(['a.id', 'a.task_id', 'a.vendor_ref', 'a.status', 'a.cost_micro_yuan', 'a.settled_cost_micro_yuan'])
    .select(['a.started_at', 'a.provider_ref', 't.user_id', 't.feature_id', 't.created_at', 'e.kind'])
    .select((eb) =>
      eb
        .selectFrom('cost_entries as c')
        .select((inner) => inner.fn.sum<string | null>('c.amount_micro_yuan').as('booked'))
        .whereRef('c.attempt_id', '=', 'a.id')
        .as('booked'),
    )
    .where('a.provider_ref', '=', ref)
    .where('a.started_at', '>=', after?.started_at ?? span.from)
    .where('a.started_at', '<', span.to)
    .where('a.finished_at', 'is not', null)
    .where('t.finished_at', 'is not', null);
  if (after !== undefined)
    query = query.where((eb) => eb.or([eb('a.started_at', '>', after.started_at), eb('a.id', '>', after.id)]));
  const rows = await query.orderBy('a.started_at').orderBy('a.id').limit(limit).execute();
  return rows.map(({ booked, ...row }) => ({ ...row, bookedMicroYuan: booked === null ? null : safeSum(booked) }));
}

/** Whether the provider was given anything to do in the time. */
export async function hasWork(db: Db, ref: string, span: Span): Promise<boolean> {
  const row = await db
    .selectFrom('task_attempts')
    .select('id')
    .where('provider_ref', '=', ref)
    .where('started_at', '>=', span.from)
    .where('started_at', '<', span.to)
    .limit(1)
    .executeTakeFirst();
  return row !== undefined;
}

/** Vendors take what work cost when it ends, and tell us of the end a little later. */
const SLACK_SECONDS = 300;
/** Nothing goes on for longer. */
const LONGEST_DAYS = 1;

/**
 * What work cost that the vendor had between these readings of its account. `least` is settled work that began and ended in between; what was
 * under way at either of them, or has no figure of the vendor's, may count and may not: `most`.
 */
export async function sumWork(db: Db, ref: string, { from, to }: Span): Promise<{ least: number; most: number }> {
  const ended = sql`a.finished_at + INTERVAL ${sql.lit(SLACK_SECONDS)} SECOND`;
  const isSure = sql`a.started_at >= ${from} AND a.status <> 'unknown' AND a.settled_cost_micro_yuan IS NOT NULL
    AND ${ended} < ${to}`;
  const { rows } = await sql<{ least: string | null; most: string | null }>`
    SELECT SUM(CASE WHEN ${isSure} THEN c.amount_micro_yuan ELSE 0 END) AS least, SUM(c.amount_micro_yuan) AS most
    FROM task_attempts AS a JOIN cost_entries AS c ON c.attempt_id = a.id
    WHERE a.provider_ref = ${ref} AND a.started_at >= ${from} - INTERVAL ${sql.lit(LONGEST_DAYS)} DAY AND a.started_at < ${to}
      AND (a.finished_at IS NULL OR a.status = 'unknown' OR ${ended} >= ${from})`.execute(db);
  return { least: safeSum(rows[0]?.least), most: safeSum(rows[0]?.most) };
}

/**
 * Writes the vendor's own figure down for work that has none, once: its settlement, before that the estimate where there is none, and what
 * the budget's week counts. False when somebody else did.
 */
export function settleFound(db: Db, work: Work, found: { costMicroYuan: number; now: Date }): Promise<boolean> {
  const { costMicroYuan, now } = found;
  return inTransaction(db, async (tx) => {
    const { numUpdatedRows } = await tx
      .updateTable('task_attempts')
      .set({ settled_cost_micro_yuan: costMicroYuan })
      .where('id', '=', work.id)
      .where('status', 'in', ['succeeded', 'failed', 'unknown'])
      .where('settled_cost_micro_yuan', 'is', null)
      .executeTakeFirst();
    if (numUpdatedRows === 0n) return false;
    const subject = costSubject(work.id);
    if (work.bookedMicroYuan === null)
      await bookEstimate(tx, {
        subject,
        item: providerItem(work.provider_ref),
        vendor: work.kind,
        amountMicroYuan: work.cost_micro_yuan,
        unitPriceId: null,
        providerRef: work.provider_ref,
        attemptId: work.id,
        taskId: work.task_id,
        featureId: work.feature_id,
        userId: work.user_id,
        occurredAt: work.started_at,
        now,
      });
    await settleCost(tx, { subject, microYuan: costMicroYuan, now });
    const differenceMicroYuan = costMicroYuan - (work.bookedMicroYuan ?? 0);
    await countLateCost(tx, { featureId: work.feature_id, createdAt: work.created_at, differenceMicroYuan });
    return true;
  });
}
