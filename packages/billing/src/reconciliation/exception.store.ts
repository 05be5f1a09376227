import type {
  ExceptionDetails,
  ExceptionEvent,
  ExceptionState,
  ReconciliationException,
  ReconciliationKind,
} from '@yunshang/contracts';
import { DIFFERENCES, exceptionDetailsSchema, isDifferenceKind } from '@yunshang/contracts';
import { type Db, fromJson, newId, type ReconciliationExceptionsTable, toJson, type Tx } from '@yunshang/db';
import type { Selectable } from 'kysely';
import type { Finding } from './exception.ts';

export type StoredException = Omit<ReconciliationException, 'createdAt' | 'updatedAt'> & {
  createdAt: Date;
  updatedAt: Date;
};

type At = { runId: string; day: string; kind: ReconciliationKind; now: Date };

/** Those of these kinds and subjects that are known, locked until the transaction ends. */
export async function lockKnown(tx: Tx, findings: readonly Finding[]): Promise<StoredException[]> {
  if (findings.length === 0) return [];
  const rows = await tx
    .selectFrom('reconciliation_exceptions')
    .selectAll()
    .where((eb) =>
      eb(
        eb.refTuple('kind', 'subject'),
        'in',
        findings.map(({ kind, subject }) => eb.tuple(kind, subject)),
      ),
    )
    .orderBy('id')
    .forUpdate()
    .execute();
  return rows.map(toStored);
}

export async function insertExceptions(
  tx: Tx,
  findings: readonly Finding[],
  at: At,
): Promise<{ id: string; finding: Finding }[]> {
  const made = findings.map((finding) => ({ id: newId(), finding }));
  if (made.length > 0)
    await tx
      .insertInto('reconciliation_exceptions')
      .values(
        made.map(({ id, finding }) => ({
          id,
          kind: finding.kind,
          subject: finding.subject,
          day: at.day,
          run_kind: at.kind,
          severity: DIFFERENCES[finding.kind].severity,
          owner: DIFFERENCES[finding.kind].owner,
          state: finding.isHealed ? ('resolved' as const) : ('open' as const),
          is_healed: finding.isHealed ? (1 as const) : (0 as const),
          details: toJson(finding.details),
          order_id: finding.orderId,
          first_run_id: at.runId,
          last_run_id: at.runId,
          created_at: at.now,
          updated_at: at.now,
        })),
      )
      .execute();
  return made;
}

/** The figures are those of the newest run that found it. */
export async function updateFound(
  tx: Tx,
  found: { id: string; state: ExceptionState; isHealed: boolean; details: ExceptionDetails; runId: string; now: Date },
): Promise<void> {
  await tx
    .updateTable('reconciliation_exceptions')
    .set({
      state: found.state,
      is_healed: found.isHealed ? 1 : 0,
      details: toJson(found.details),
      last_run_id: found.runId,
      updated_at: found.now,
    })
    .where('id', '=', found.id)
    .execute();
}

/** From exactly that state; false when it is in another (by now). */
export async function moveException(
  tx: Tx,
  move: { id: string; from: ExceptionState; to: ExceptionState; now: Date },
): Promise<boolean> {
  const { numUpdatedRows } = await tx
    .updateTable('reconciliation_exceptions')
    .set({ state: move.to, updated_at: move.now })
    .where('id', '=', move.id)
    .where('state', '=', move.from)
    .executeTakeFirst();
  return numUpdatedRows === 1n;
}

export async function assignException(
  tx: Tx,
  given: { id: string; assignedTo: string | null; now: Date },
): Promise<void> {
  await tx
    .updateTable('reconciliation_exceptions')
    .set({ assigned_to: given.assignedTo, updated_at: given.now })
    .where('id', '=', given.id)
    .execute();
}

/** What was mended stays so, whatever the run finds of it later. */
export async function insertFindings(
  tx: Tx,
  runId: string,
  found: readonly { id: string; isHealed: boolean }[],
): Promise<void> {
  const ofState = (wanted: boolean) => found.filter(({ isHealed }) => isHealed === wanted);
  const rows = (wanted: boolean) =>
    ofState(wanted).map(({ id }) => ({
      run_id: runId,
      exception_id: id,
      is_healed: wanted ? (1 as const) : (0 as const),
    }));
  if (ofState(false).length > 0) await tx.insertInto('reconciliation_findings').ignore().values(rows(false)).execute();
  if (ofState(true).length > 0)
    await tx.insertInto('reconciliation_findings').values(rows(true)).onDuplicateKeyUpdate({ is_healed: 1 }).execute();
}

export async function deleteUnhealed(tx: Tx, runId: string): Promise<void> {
  await tx.deleteFrom('reconciliation_findings').where('run_id', '=', runId).where('is_healed', '=', 0).execute();
}

export type FoundKind = { kind: string; isHealed: boolean; isNews: boolean };

/** What a run has found; `isNews`: for the first time, or again after somebody thought it mended. */
export async function listFound(db: Db, runId: string): Promise<FoundKind[]> {
  const rows = await db
    .selectFrom('reconciliation_findings as f')
    .innerJoin('reconciliation_exceptions as e', 'e.id', 'f.exception_id')
    .select(['e.kind', 'f.is_healed'])
    .select((eb) =>
      eb
        .selectFrom('reconciliation_events as v')
        .select((inner) => inner.fn.countAll<number>().as('events'))
        .whereRef('v.exception_id', '=', 'e.id')
        .where('v.run_id', '=', runId)
        .where('v.cause', 'in', ['found', 'found_again'])
        .as('news'),
    )
    .where('f.run_id', '=', runId)
    .execute();
  return rows.map((row) => ({ kind: row.kind, isHealed: row.is_healed === 1, isNews: Number(row.news) > 0 }));
}

export type NewEvent = Pick<ExceptionEvent, 'cause' | 'from' | 'to'> & {
  exceptionId: string;
  runId?: string;
  actorId?: string | null;
  assignedTo?: string | null;
  note?: string;
};

export async function insertEvents(tx: Tx, events: readonly NewEvent[], now: Date): Promise<void> {
  if (events.length === 0) return;
  await tx
    .insertInto('reconciliation_events')
    .values(
      events.map((event) => ({
        exception_id: event.exceptionId,
        cause: event.cause,
        from_state: event.from,
        to_state: event.to,
        run_id: event.runId ?? null,
        actor_id: event.actorId ?? null,
        assigned_to: event.assignedTo ?? null,
        note: event.note ?? null,
        created_at: now,
      })),
    )
    .execute();
}

/** Of that day, still to be dealt with, and not found by the run; locked. */
export async function lockGone(
  tx: Tx,
  of: { day: string; kind: ReconciliationKind; runId: string },
): Promise<StoredException[]> {
  const rows = await tx
    .selectFrom('reconciliation_exceptions')
    .selectAll()
    .where('day', '=', new Date(`${of.day}T00:00:00.000Z`))
    .where('run_kind', '=', of.kind)
    .where('state', 'in', ['open', 'investigating', 'reopened'])
    .where((eb) =>
      eb.not(
        eb.exists(
          eb
            .selectFrom('reconciliation_findings as f')
            .select('f.run_id')
            .where('f.run_id', '=', of.runId)
            .whereRef('f.exception_id', '=', 'reconciliation_exceptions.id'),
        ),
      ),
    )
    .orderBy('id')
    .forUpdate()
    .execute();
  return rows.map(toStored);
}

export async function findException(db: Db, exceptionId: string): Promise<StoredException | undefined> {
  const row = await db
    .selectFrom('reconciliation_exceptions')
    .selectAll()
    .where('id', '=', exceptionId)
    .executeTakeFirst();
  return row === undefined ? undefined : toStored(row);
}

export async function lockException(tx: Tx, exceptionId: string): Promise<StoredException | undefined> {
  const row = await tx
    .selectFrom('reconciliation_exceptions')
    .selectAll()
    .where('id', '=', exceptionId)
    .forUpdate()
    .executeTakeFirst();
  return row === undefined ? undefined : toStored(row);
}

/** The oldest first. */
export async function listEvents(db: Db, exceptionId: string): Promise<ExceptionEvent[]> {
  const rows = await db
    .selectFrom('reconciliation_events')
    .selectAll()
    .where('exception_id', '=', exceptionId)
    .orderBy('id')
    .execute();
  return rows.map((row) => ({
    id: row.id,
    cause: row.cause,
    from: row.from_state,
    to: row.to_state,
    runId: row.run_id,
    actorId: row.actor_id,
    assignedTo: row.assigned_to,
    note: row.note,
    at: row.created_at.toISOString(),
  }));
}

export type ExceptionsPage = {
  state?: ExceptionState | undefined;
  day?: string | undefined;
  kind?: string | undefined;
  owner?: 'finance' | 'operator' | undefined;
  assignedTo?: string | undefined;
  cursor?: string | undefined;
  limit: number;
};

/** The newest first. */
export async function listExceptions(
  db: Db,
  page: ExceptionsPage,
): Promise<{ items: StoredException[]; nextCursor: string | null }> {
  let query = db.selectFrom('reconciliation_exceptions').selectAll().orderBy('id', 'desc');
  if (page.state !== undefined) query = query.where('state', '=', page.state);
  if (page.day !== undefined) query = query.where('day', '=', new Date(`${page.day}T00:00:00.000Z`));
  if (page.kind !== undefined) query = query.where('kind', '=', page.kind);
  if (page.owner !== undefined) query = query.where('owner', '=', page.owner);
  if (page.assignedTo !== undefined) query = query.where('assigned_to', '=', page.assignedTo);
  if (page.cursor !== undefined) query = query.where('id', '<', page.cursor);
  const rows = await query.limit(page.limit + 1).execute();
  const items = rows.slice(0, page.limit).map(toStored);
  return { items, nextCursor: rows.length > page.limit ? (items.at(-1)?.id ?? null) : null };
}

function toStored(row: Selectable<ReconciliationExceptionsTable>): StoredException {
  if (!isDifferenceKind(row.kind)) throw new Error(`no kind of difference is ${row.kind}`);
  return {
    id: row.id,
    kind: row.kind,
    subject: row.subject,
    day: row.day.toISOString().slice(0, 10),
    severity: row.severity,
    owner: row.owner,
    state: row.state,
    isHealed: row.is_healed === 1,
    details: exceptionDetailsSchema.parse(fromJson(row.details)),
    orderId: row.order_id,
    assignedTo: row.assigned_to,
    firstRunId: row.first_run_id,
    lastRunId: row.last_run_id,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  };
}
