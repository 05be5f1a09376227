import {
  type ReconciledBill,
  type ReconciliationKind,
  type ReconciliationRun,
  reconciliationRunSchema,
} from '@yunshang/contracts';
import { type Db, fromJson, newId, type ReconciliationRunsTable, toJson, type Tx } from '@yunshang/db';
import type { Selectable } from 'kysely';

export type NewRun = {
  day: string;
  kind: ReconciliationKind;
  cause: ReconciliationRun['cause'];
  requestedBy: string | null;
  now: Date;
};

const bareDay = (day: string): Date => new Date(`${day}T00:00:00.000Z`);

/** A new run; its unique key refuses a second open one of the day. */
export async function insertRun(tx: Tx, run: NewRun): Promise<string> {
  const id = newId();
  await tx
    .insertInto('reconciliation_runs')
    .values({
      id,
      day: run.day,
      kind: run.kind,
      state: 'queued',
      cause: run.cause,
      requested_by: run.requestedBy,
      bills: '[]',
      counts: '{}',
      sums: '{}',
      created_at: run.now,
    })
    .execute();
  return id;
}

export async function findRun(db: Db, runId: string): Promise<ReconciliationRun | undefined> {
  const row = await db.selectFrom('reconciliation_runs').selectAll().where('id', '=', runId).executeTakeFirst();
  return row === undefined ? undefined : toRun(row);
}

export async function findOpenRun(
  db: Db,
  of: { day: string; kind: ReconciliationKind },
): Promise<ReconciliationRun | undefined> {
  const row = await db
    .selectFrom('reconciliation_runs')
    .selectAll()
    .where('day', '=', bareDay(of.day))
    .where('kind', '=', of.kind)
    .where('is_open', '=', 1)
    .executeTakeFirst();
  return row === undefined ? undefined : toRun(row);
}

/** Which of these days have a run, whatever became of it. */
export async function listDaysWithRun(
  db: Db,
  of: { days: readonly string[]; kind: ReconciliationKind },
): Promise<ReadonlySet<string>> {
  const rows = await db
    .selectFrom('reconciliation_runs')
    .select('day')
    .distinct()
    .where('day', 'in', of.days.map(bareDay))
    .where('kind', '=', of.kind)
    .execute();
  return new Set(rows.map((row) => row.day.toISOString().slice(0, 10)));
}

/** When the first order was made; nothing was before it. */
export async function firstOrderAt(db: Db): Promise<Date | undefined> {
  const row = await db
    .selectFrom('orders')
    .select('created_at')
    .where('id', '=', (eb) => eb.selectFrom('orders').select((inner) => inner.fn.min('id').as('first')))
    .executeTakeFirst();
  return row?.created_at;
}

/** Takes the run for `untilMs`; false when it has ended or somebody works on it. */
export async function takeRun(db: Db, runId: string, hold: { now: Date; until: Date }): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable('reconciliation_runs')
    .set({ state: 'running', held_until: hold.until, started_at: hold.now })
    .where('id', '=', runId)
    .where('state', '<>', 'done')
    .where((eb) => eb.or([eb('held_until', 'is', null), eb('held_until', '<', hold.now)]))
    .executeTakeFirst();
  return numUpdatedRows === 1n;
}

/** Whoever works on it goes on doing so. */
export async function keepRun(db: Db, runId: string, until: Date): Promise<void> {
  await db
    .updateTable('reconciliation_runs')
    .set({ held_until: until })
    .where('id', '=', runId)
    .where('state', '=', 'running')
    .execute();
}

/** It is nobody's, to be gone on with later. */
export async function releaseRun(db: Db, runId: string, state: 'queued' | 'waiting'): Promise<void> {
  await db
    .updateTable('reconciliation_runs')
    .set({ state, held_until: null })
    .where('id', '=', runId)
    .where('state', '=', 'running')
    .execute();
}

export type RunOutcome = {
  bills: ReconciledBill[];
  counts: Record<string, number>;
  sums: Record<string, number>;
  found: number;
  healed: number;
};

export async function finishRun(tx: Tx, runId: string, end: RunOutcome & { now: Date }): Promise<boolean> {
  const { numUpdatedRows } = await tx
    .updateTable('reconciliation_runs')
    .set({
      state: 'done',
      bills: toJson(end.bills),
      counts: toJson(end.counts),
      sums: toJson(end.sums),
      found: end.found,
      healed: end.healed,
      held_until: null,
      finished_at: end.now,
    })
    .where('id', '=', runId)
    .where('state', '=', 'running')
    .executeTakeFirst();
  return numUpdatedRows === 1n;
}

/** The newest first. */
export async function listRuns(
  db: Db,
  page: { day?: string | undefined; cursor?: string | undefined; limit: number },
): Promise<{ items: ReconciliationRun[]; nextCursor: string | null }> {
  let query = db.selectFrom('reconciliation_runs').selectAll().orderBy('id', 'desc');
  if (page.day !== undefined) query = query.where('day', '=', bareDay(page.day));
  if (page.cursor !== undefined) query = query.where('id', '<', page.cursor);
  const rows = await query.limit(page.limit + 1).execute();
  const items = rows.slice(0, page.limit).map(toRun);
  return { items, nextCursor: rows.length > page.limit ? (items.at(-1)?.id ?? null) : null };
}

function toRun(row: Selectable<ReconciliationRunsTable>): ReconciliationRun {
  return reconciliationRunSchema.parse({
    id: row.id,
    day: row.day.toISOString().slice(0, 10),
    kind: row.kind,
    state: row.state,
    cause: row.cause,
    requestedBy: row.requested_by,
    bills: fromJson(row.bills),
    counts: fromJson(row.counts),
    sums: fromJson(row.sums),
    found: row.found,
    healed: row.healed,
    createdAt: row.created_at.toISOString(),
    startedAt: row.started_at?.toISOString() ?? null,
    finishedAt: row.finished_at?.toISOString() ?? null,
  });
}
