import type { AlertDelivery, AlertKind, AlertView } from '@yunshang/contracts';
import { fromJson, type AlertsTable, type Db, type Tx } from '@yunshang/db';
import type { Selectable } from 'kysely';
import { z } from 'zod';
import { titleOf } from './wording.ts';

const detailsSchema = z.record(z.string(), z.union([z.string(), z.number()]));

export function detailsOf(row: { details: unknown }): Record<string, string | number> {
  return detailsSchema.parse(fromJson(row.details));
}

function viewOf(row: Selectable<AlertsTable>): AlertView {
  return {
    id: row.id,
    kind: row.kind,
    title: titleOf(row.kind),
    details: detailsOf(row),
    createdAt: row.created_at.toISOString(),
    acknowledgedAt: row.acknowledged_at?.toISOString() ?? null,
    acknowledgedBy: row.acknowledged_by,
    note: row.note,
  };
}

export type AlertFilter = {
  open: boolean;
  kind?: AlertKind | undefined;
  cursor?: string | undefined;
  limit: number;
};

/** The newest first. */
export async function listAlerts(
  db: Db,
  filter: AlertFilter,
): Promise<{ items: AlertView[]; nextCursor: string | null }> {
  let query = db.selectFrom('alerts').selectAll().orderBy('id', 'desc');
  if (filter.open) query = query.where('acknowledged_at', 'is', null);
  if (filter.kind !== undefined) query = query.where('kind', '=', filter.kind);
  if (filter.cursor !== undefined) query = query.where('id', '<', filter.cursor);
  const rows = await query.limit(filter.limit + 1).execute();
  const items = rows.slice(0, filter.limit).map(viewOf);
  return { items, nextCursor: rows.length > filter.limit ? (items.at(-1)?.id ?? null) : null };
}

export async function findAlert(db: Db, id: string): Promise<AlertView | undefined> {
  const row = await db.selectFrom('alerts').selectAll().where('id', '=', id).executeTakeFirst();
  return row === undefined ? undefined : viewOf(row);
}

/** False when it is acknowledged already, or not there. */
export async function acknowledge(
  tx: Tx,
  { id, by, note, now }: { id: string; by: string | null; note: string | undefined; now: Date },
): Promise<boolean> {
  const { numUpdatedRows } = await tx
    .updateTable('alerts')
    .set({ acknowledged_at: now, acknowledged_by: by, note: note ?? null })
    .where('id', '=', id)
    .where('acknowledged_at', 'is', null)
    .executeTakeFirst();
  return numUpdatedRows === 1n;
}

export async function listDeliveries(db: Db, alertId: string): Promise<AlertDelivery[]> {
  const rows = await db
    .selectFrom('alert_deliveries')
    .selectAll()
    .where('alert_id', '=', alertId)
    .orderBy('target_id')
    .execute();
  return rows.map((row) => ({
    targetId: row.target_id,
    status: row.status,
    tries: row.tries,
    error: row.last_error,
    triedAt: row.tried_at?.toISOString() ?? null,
  }));
}
