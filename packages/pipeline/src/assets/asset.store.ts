import type { Asset } from '@yunshang/contracts';
import type { AssetsTable, Db } from '@yunshang/db';
import type { Selectable } from 'kysely';

export type AssetRow = Selectable<AssetsTable>;

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

/** What a member sees of a file: no key, no hash. */
export function toAsset(row: AssetRow): Asset {
  return {
    id: row.id,
    kind: row.kind,
    contentType: row.content_type,
    width: row.width,
    height: row.height,
    bytes: row.bytes,
    taskId: row.task_id,
    featureId: row.feature_id,
    createdAt: row.created_at.toISOString(),
  };
}
