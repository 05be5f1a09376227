import type { Db } from '@yunshang/db';

/** Announces an upload: `bytes` is the size that will be allowed. */
export async function insertPending(
  db: Db,
  upload: { id: string; userId: string; key: string; contentType: string; bytes: number; now: Date },
): Promise<void> {
  await db
    .insertInto('assets')
    .values({
      id: upload.id,
      user_id: upload.userId,
      kind: 'upload',
      status: 'pending',
      object_key: upload.key,
      content_type: upload.contentType,
      bytes: upload.bytes,
      created_at: upload.now,
    })
    .execute();
}

/** pending → ready, once; who comes second changes nothing. */
export async function acceptUpload(
  db: Db,
  upload: { id: string; key: string; sha256: Buffer; facts: { width: number; height: number; durationMs?: number } },
): Promise<void> {
  await db
    .updateTable('assets')
    .set({
      status: 'ready',
      object_key: upload.key,
      sha256: upload.sha256,
      width: upload.facts.width,
      height: upload.facts.height,
      duration_ms: upload.facts.durationMs ?? null,
    })
    .where('id', '=', upload.id)
    .where('status', '=', 'pending')
    .execute();
}

/** pending → refused. */
export async function refuseUpload(db: Db, id: string): Promise<void> {
  await db
    .updateTable('assets')
    .set({ status: 'refused' })
    .where('id', '=', id)
    .where('status', '=', 'pending')
    .execute();
}

/** Uploads begun before `before` that were never accepted; 100 at a time. */
export function listAbandoned(db: Db, before: Date): Promise<{ id: string; object_key: string }[]> {
  return db
    .selectFrom('assets')
    .select(['id', 'object_key'])
    .where('status', 'in', ['pending', 'refused'])
    .where('created_at', '<', before)
    .limit(100)
    .execute();
}

/** pending or refused → deleted. */
export async function markDeleted(db: Db, id: string, now: Date): Promise<void> {
  await db
    .updateTable('assets')
    .set({ status: 'deleted', deleted_at: now })
    .where('id', '=', id)
    .where('status', 'in', ['pending', 'refused'])
    .execute();
}
