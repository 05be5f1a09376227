import type { Db } from '@yunshang/db';

export type ResultRow = {
  object_key: string;
  output_name: string | null;
  bytes: number;
  created_at: Date;
  /** Of the task in its batch, from 1. */
  place: number;
};

/** The results of a batch that are still there, in the order of its inputs. */
export async function listResults(db: Db, batchId: string): Promise<ResultRow[]> {
  const tasks = await db
    .selectFrom('tasks')
    .select(['id', 'feature_seq'])
    .where('batch_id', '=', batchId)
    .orderBy('feature_seq')
    .execute();
  const places = new Map(tasks.map(({ id }, index) => [id, index + 1]));
  if (places.size === 0) return [];
  const rows = await db
    .selectFrom('assets')
    .select(['task_id', 'object_key', 'output_name', 'bytes', 'created_at'])
    .where('task_id', 'in', [...places.keys()])
    .where('status', '=', 'ready')
    .execute();
  return rows
    .map(({ task_id: taskId, ...row }) => ({ ...row, place: places.get(taskId ?? '') ?? 0 }))
    .toSorted(
      (one, other) => one.place - other.place || (one.output_name ?? '').localeCompare(other.output_name ?? ''),
    );
}

export function findZip(db: Db, batchId: string): Promise<{ user_id: string; zip_key: string | null } | undefined> {
  return db.selectFrom('task_batches').select(['user_id', 'zip_key']).where('id', '=', batchId).executeTakeFirst();
}

export async function setZip(db: Db, zip: { batchId: string; key: string; now: Date }): Promise<void> {
  await db
    .updateTable('task_batches')
    .set({ zip_key: zip.key, zip_made_at: zip.now })
    .where('id', '=', zip.batchId)
    .execute();
}

/** Files of batches made before then. */
export function listOldZips(db: Db, before: Date): Promise<{ id: string; zip_key: string | null }[]> {
  return db
    .selectFrom('task_batches')
    .select(['id', 'zip_key'])
    .where('zip_made_at', '<', before)
    .orderBy('zip_made_at')
    .limit(500)
    .execute();
}

/** The file is gone; asking for it makes it again. */
export async function forgetZip(db: Db, batchId: string): Promise<void> {
  await db.updateTable('task_batches').set({ zip_key: null, zip_made_at: null }).where('id', '=', batchId).execute();
}
