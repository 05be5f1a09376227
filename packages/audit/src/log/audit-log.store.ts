import type { AuditEntry, ListAudit } from '@yunshang/contracts';
import { type AuditLogsTable, type Db, fromJson } from '@yunshang/db';
import type { Selectable } from 'kysely';
import { z } from 'zod';
import { findTotals } from '../chain/block.store.ts';

const detailsSchema = z.record(z.string(), z.unknown());
/** No transaction holds back a row for longer: rows with ids this far behind a time in age are of before it. */
const DISORDER_MS = 3_600_000;

/** The log, newest first, as far as it fits the filter. */
export async function listAuditLog(
  db: Db,
  filter: ListAudit,
): Promise<{ items: AuditEntry[]; nextCursor: number | null }> {
  let query = db.selectFrom('audit_logs').selectAll();
  if (filter.actorId !== undefined) query = query.where('actor_id', '=', filter.actorId);
  if (filter.subjectType !== undefined) query = query.where('subject_type', '=', filter.subjectType);
  if (filter.subjectId !== undefined) query = query.where('subject_id', '=', filter.subjectId);
  if (filter.requestId !== undefined) query = query.where('request_id', '=', filter.requestId);
  if (filter.action?.endsWith('.') === true)
    query = query.where('action', 'like', `${filter.action.replaceAll('_', '\\_')}%`);
  else if (filter.action !== undefined) query = query.where('action', '=', filter.action);
  if (filter.cursor !== undefined) query = query.where('id', '<', filter.cursor);
  const { after, before } = await idsAround(db, filter);
  if (after !== undefined) query = query.where('id', '>', after);
  if (before !== undefined) query = query.where('id', '<', before);
  if (filter.from !== undefined) query = query.where('created_at', '>=', new Date(filter.from));
  if (filter.to !== undefined) query = query.where('created_at', '<=', new Date(filter.to));
  const rows = await query
    .orderBy('id', 'desc')
    .limit(filter.limit + 1)
    .execute();
  const shown = rows.slice(0, filter.limit);
  const sealedUpTo = (await findTotals(db, { before: Number.MAX_SAFE_INTEGER })).get('audit_logs')?.highId ?? 0;
  return {
    items: shown.map((row) => toEntry(row, sealedUpTo)),
    nextCursor: rows.length > filter.limit ? (shown.at(-1)?.id ?? null) : null,
  };
}

/** Ids that surely lie before and behind the time asked for: ids rise with time but for what transactions hold back. */
async function idsAround(
  db: Db,
  { from, to }: Pick<ListAudit, 'from' | 'to'>,
): Promise<{ after: number | undefined; before: number | undefined }> {
  const earlier = from === undefined ? undefined : new Date(new Date(from).getTime() - DISORDER_MS);
  const later = to === undefined ? undefined : new Date(new Date(to).getTime() + DISORDER_MS);
  const logs = db.selectFrom('audit_logs').select('id').limit(1);
  const after =
    earlier === undefined
      ? undefined
      : await logs.where('created_at', '<', earlier).orderBy('created_at', 'desc').executeTakeFirst();
  const before =
    later === undefined
      ? undefined
      : await logs.where('created_at', '>', later).orderBy('created_at').executeTakeFirst();
  return { after: after?.id, before: before?.id };
}

function toEntry(row: Selectable<AuditLogsTable>, sealedUpTo: number): AuditEntry {
  return {
    id: row.id,
    at: row.created_at.toISOString(),
    actorId: row.actor_id,
    actorRole: row.actor_role,
    action: row.action,
    subjectType: row.subject_type,
    subjectId: row.subject_id,
    details: detailsSchema.parse(fromJson(row.details)),
    requestId: row.request_id,
    isSealed: row.id <= sealedUpTo,
  };
}
