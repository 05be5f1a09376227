import type { DefinitionBody, DefinitionKind, DefinitionVersion } from '@yunshang/contracts';
import { fromJson, toJson, type Db, type FormSchemasTable, type PipelineSchemasTable, type Tx } from '@yunshang/db';
import type { Selectable } from 'kysely';

export type VersionId = { featureId: string; kind: DefinitionKind; version: number };
export type VersionRow = Selectable<FormSchemasTable>;
export type StoredVersion = DefinitionVersion & { body: unknown };

/** Forms and pipelines are kept alike; a column of one that the other lacks does not compile. */
const TABLES = { form: 'form_schemas', pipeline: 'pipeline_schemas' } as const;
type Alike = FormSchemasTable extends PipelineSchemasTable ? 'form_schemas' : never;

function tableOf(kind: DefinitionKind): Alike {
  const table: string = TABLES[kind];
  return table as Alike;
}

/** All versions of a feature, or of everything, in order. */
export async function listVersions(db: Db, kind: DefinitionKind, featureId?: string): Promise<StoredVersion[]> {
  const rows = await db
    .selectFrom(tableOf(kind))
    .selectAll()
    .$if(featureId !== undefined, (query) => query.where('feature_id', '=', featureId ?? ''))
    .orderBy('feature_id')
    .orderBy('version')
    .execute();
  return rows.map((row) => toStored(kind, row));
}

export async function findVersion(db: Db, id: VersionId): Promise<StoredVersion | undefined> {
  const row = await db
    .selectFrom(tableOf(id.kind))
    .selectAll()
    .where('feature_id', '=', id.featureId)
    .where('version', '=', id.version)
    .executeTakeFirst();
  return row === undefined ? undefined : toStored(id.kind, row);
}

/** Throws a duplicate-key error when somebody else took the number. */
export async function insertVersion(
  tx: Tx,
  id: VersionId,
  draft: { body: unknown; status: DefinitionVersion['status']; now: Date },
): Promise<void> {
  const { body, status, now } = draft;
  await tx
    .insertInto(tableOf(id.kind))
    .values({
      feature_id: id.featureId,
      version: id.version,
      status,
      body: toJson(body),
      created_at: now,
      updated_at: now,
      published_at: status === 'draft' ? null : now,
    })
    .execute();
}

/** A draft's body; false when it is no draft any more: what was published never changes. */
export async function writeDraft(tx: Tx, id: VersionId, draft: { body: unknown; now: Date }): Promise<boolean> {
  const { numUpdatedRows } = await tx
    .updateTable(tableOf(id.kind))
    .set({ body: toJson(draft.body), updated_at: draft.now })
    .where('feature_id', '=', id.featureId)
    .where('version', '=', id.version)
    .where('status', '=', 'draft')
    .executeTakeFirst();
  return numUpdatedRows > 0n;
}

/** draft → published → archived; false when it is not in `from`. */
export async function moveVersion(
  tx: Tx,
  id: VersionId,
  move: { from: 'draft' | 'published'; to: 'published' | 'archived'; now: Date },
): Promise<boolean> {
  const { numUpdatedRows } = await tx
    .updateTable(tableOf(id.kind))
    .set({ status: move.to, updated_at: move.now, ...(move.to === 'published' ? { published_at: move.now } : {}) })
    .where('feature_id', '=', id.featureId)
    .where('version', '=', id.version)
    .where('status', '=', move.from)
    .executeTakeFirst();
  return numUpdatedRows > 0n;
}

function toStored(kind: DefinitionKind, row: VersionRow): StoredVersion {
  return {
    featureId: row.feature_id,
    kind,
    version: row.version,
    status: row.status,
    createdAt: row.created_at.toISOString(),
    publishedAt: row.published_at?.toISOString() ?? null,
    body: fromJson(row.body),
  };
}

/** What is told of a version without its body. */
export function withoutBody({ body: _body, ...version }: StoredVersion): DefinitionVersion {
  return version;
}

/** A stored body is JSON already. */
export function bodyOf(version: StoredVersion): DefinitionBody {
  return JSON.parse(JSON.stringify(version.body));
}
