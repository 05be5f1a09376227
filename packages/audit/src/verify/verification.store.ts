import {
  AUDIT_FINDINGS,
  auditReportSchema,
  type AuditReport,
  type AuditVerification,
  type Bilingual,
} from '@yunshang/contracts';
import { type AuditVerificationsTable, type Db, fromJson, newId, toJson, type Tx } from '@yunshang/db';
import type { Selectable } from 'kysely';

/** Writes a verification that is to be made. */
export async function insertVerification(
  tx: Tx,
  wish: { requestedBy: string | null; behind: number; now: Date },
): Promise<string> {
  const id = newId();
  await tx
    .insertInto('audit_verifications')
    .values({
      id,
      status: 'waiting',
      requested_by: wish.requestedBy,
      from_seq: wish.behind === 0 ? null : wish.behind,
      created_at: wish.now,
    })
    .execute();
  return id;
}

/** The oldest verification that waits to be made, and behind which block it begins. */
export async function findNextWaiting(db: Db): Promise<{ id: string; behind: number } | undefined> {
  const row = await db
    .selectFrom('audit_verifications')
    .select(['id', 'from_seq'])
    .where('status', '=', 'waiting')
    .orderBy('id')
    .limit(1)
    .executeTakeFirst();
  return row === undefined ? undefined : { id: row.id, behind: row.from_seq ?? 0 };
}

/** The verification that waits and begins behind this block; a key keeps it the only one. */
export async function findWaitingFor(db: Db, behind: number): Promise<AuditVerification | undefined> {
  const row = await db
    .selectFrom('audit_verifications')
    .selectAll()
    .where('waiting_behind', '=', behind)
    .executeTakeFirst();
  return row === undefined ? undefined : toVerification(row);
}

export async function getVerification(db: Db, id: string): Promise<AuditVerification> {
  const row = await db.selectFrom('audit_verifications').selectAll().where('id', '=', id).executeTakeFirstOrThrow();
  return toVerification(row);
}

/** Keeps what came of it; false when another has. */
export async function endVerification(
  tx: Tx,
  end: { id: string; status: 'proven' | 'broken'; report: AuditReport; now: Date },
): Promise<boolean> {
  const { numUpdatedRows } = await tx
    .updateTable('audit_verifications')
    .set({ status: end.status, report: toJson(end.report), finished_at: end.now })
    .where('id', '=', end.id)
    .where('status', '=', 'waiting')
    .executeTakeFirst();
  return numUpdatedRows === 1n;
}

/** The newest verifications, the newest first. */
export async function listVerifications(db: Db, limit: number): Promise<AuditVerification[]> {
  const rows = await db.selectFrom('audit_verifications').selectAll().orderBy('id', 'desc').limit(limit).execute();
  return rows.map(toVerification);
}

function toVerification(row: Selectable<AuditVerificationsTable>): AuditVerification {
  const report = row.report === null ? null : auditReportSchema.parse(fromJson(row.report));
  return {
    id: row.id,
    status: row.status,
    requestedBy: row.requested_by,
    createdAt: row.created_at.toISOString(),
    finishedAt: row.finished_at?.toISOString() ?? null,
    report,
    verdict: report === null ? null : verdictOf(report),
  };
}

/** What the report says in a sentence. */
export function verdictOf({ findings: [first], rows, anchored }: AuditReport): Bilingual {
  if (first !== undefined) {
    const { zh, en } = AUDIT_FINDINGS[first.kind];
    return { zh: `${zh}：${first.where} ${first.id}`, en: `${en}: ${first.where} ${first.id}` };
  }
  const count = Object.values(rows).reduce((sum, each) => sum + each, 0);
  const upTo = anchored === null ? undefined : anchored.at;
  return {
    zh: `${count} 条记录全部与封存时一致，${upTo === undefined ? '没有可对照的锚点' : `与 ${upTo} 的锚点相符`}`,
    en: `All ${count} rows are as they were sealed, ${upTo === undefined ? 'and there is no anchor to compare with' : `and the chain is the one anchored at ${upTo}`}`,
  };
}
