import { ASSET_LABELS, type Asset } from '@yunshang/contracts';
import { newId, type AssetsTable, type Db, type Tx } from '@yunshang/db';
import { sql, type Selectable } from 'kysely';

export type AssetRow = Selectable<AssetsTable>;

export type ListAssets = {
  kind: Asset['kind'];
  featureId?: string | undefined;
  type?: 'image' | 'video' | 'text' | undefined;
  /** ISO 8601, inclusive. */
  from?: string | undefined;
  /** ISO 8601, exclusive. */
  to?: string | undefined;
  cursor?: string | undefined;
  limit: number;
};

/** One file of this person, whatever its status; undefined when it is deleted or somebody else's. */
export function findAsset(db: Db, userId: string, assetId: string): Promise<AssetRow | undefined> {
  return db
    .selectFrom('assets')
    .selectAll()
    .where('id', '=', assetId)
    .where('user_id', '=', userId)
    .where('status', '<>', 'deleted')
    .executeTakeFirst();
}

/** The newest first; `limit` rows at most. */
export function listReady(db: Db, userId: string, wanted: ListAssets): Promise<AssetRow[]> {
  const { cursor, featureId, type, from, to } = wanted;
  let query = db
    .selectFrom('assets')
    .selectAll()
    .where('user_id', '=', userId)
    .where('kind', '=', wanted.kind)
    .where('status', '=', 'ready')
    .orderBy('id', 'desc')
    .limit(wanted.limit);
  // A feature may keep its results out of the library; they are still the task's outputs.
  if (wanted.kind === 'result')
    query = query.where('feature_id', 'in', (eb) =>
      eb.selectFrom('feature_definitions').select('feature_id').where('save_to_asset_library', '=', 1),
    );
  if (cursor !== undefined) query = query.where('id', '<', cursor);
  if (featureId !== undefined) query = query.where('feature_id', '=', featureId);
  if (type !== undefined) query = query.where('content_type', 'like', `${type}/%`);
  if (from !== undefined) query = query.where('created_at', '>=', new Date(from));
  if (to !== undefined) query = query.where('created_at', '<', new Date(to));
  return query.execute();
}

/** Also one that is deleted. Locks the row until the transaction ends. */
export function lockAsset(tx: Tx, userId: string, assetId: string): Promise<AssetRow | undefined> {
  return tx
    .selectFrom('assets')
    .selectAll()
    .where('id', '=', assetId)
    .where('user_id', '=', userId)
    .forUpdate()
    .executeTakeFirst();
}

/** True while a task that has not ended was given this file. */
export async function isBeingUsed(tx: Tx, userId: string, assetId: string): Promise<boolean> {
  const task = await tx
    .selectFrom('tasks')
    .select('id')
    .where('user_id', '=', userId)
    .where('status', 'in', ['pending', 'processing'])
    .where(sql<boolean>`input LIKE ${`%${assetId}%`}`)
    .limit(1)
    .executeTakeFirst();
  return task !== undefined;
}

/** → deleted, unless it is. */
export async function markRemoved(tx: Tx, assetId: string, now: Date): Promise<void> {
  await tx
    .updateTable('assets')
    .set({ status: 'deleted', deleted_at: now })
    .where('id', '=', assetId)
    .where('status', '<>', 'deleted')
    .execute();
}

/** True when this person has accepted this version for this file. */
export async function hasConsent(
  db: Db,
  of: { userId: string; assetId: string; statementVersion: number },
): Promise<boolean> {
  const row = await db
    .selectFrom('label_consents')
    .select('id')
    .where('user_id', '=', of.userId)
    .where('asset_id', '=', of.assetId)
    .where('statement_version', '=', of.statementVersion)
    .executeTakeFirst();
  return row !== undefined;
}

/** Written once; a second acceptance changes nothing. */
export async function recordConsent(
  db: Db,
  of: { userId: string; assetId: string; statementVersion: number },
  now: Date,
): Promise<void> {
  await db
    .insertInto('label_consents')
    .ignore()
    .values({
      id: newId(),
      user_id: of.userId,
      asset_id: of.assetId,
      statement_version: of.statementVersion,
      created_at: now,
    })
    .execute();
}

/** What a member sees of a file: no key, no hash. */
export function toAsset(row: AssetRow): Asset {
  return {
    id: row.id,
    kind: row.kind,
    contentType: row.content_type,
    width: row.width,
    height: row.height,
    durationMs: row.duration_ms,
    bytes: row.bytes,
    taskId: row.task_id,
    featureId: row.feature_id,
    label: ASSET_LABELS.find((label) => label === row.label) ?? null,
    hasUnlabelled: row.unlabelled_key !== null,
    createdAt: row.created_at.toISOString(),
  };
}
