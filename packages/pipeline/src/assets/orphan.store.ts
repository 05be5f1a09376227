import type { Db } from '@yunshang/db';

/** Which of these keys a row points at. */
export async function listKnownKeys(db: Db, keys: readonly string[]): Promise<Set<string>> {
  if (keys.length === 0) return new Set();
  const [objects, unlabelled, archives] = await Promise.all([
    db
      .selectFrom('assets')
      .select('object_key as key')
      .where('object_key', 'in', keys)
      .where('status', '<>', 'deleted')
      .execute(),
    db
      .selectFrom('assets')
      .select('unlabelled_key as key')
      .where('unlabelled_key', 'in', keys)
      .where('status', '<>', 'deleted')
      .execute(),
    db.selectFrom('task_batches').select('zip_key as key').where('zip_key', 'in', keys).execute(),
  ]);
  return new Set([...objects, ...unlabelled, ...archives].flatMap(({ key }) => (key === null ? [] : [key])));
}

/** Files that can be downloaded, by key: behind `after`, up to and with `upTo`. */
export function listReadyBetween(
  db: Db,
  after: string,
  upTo: string,
): Promise<{ id: string; object_key: string; unlabelled_key: string | null }[]> {
  return db
    .selectFrom('assets')
    .select(['id', 'object_key', 'unlabelled_key'])
    .where('object_key', '>', after)
    .where('object_key', '<=', upTo)
    .where('status', '=', 'ready')
    .execute();
}

/** Which of these tasks are open or ended after `since`. */
export async function listUnfinished(db: Db, taskIds: readonly string[], since: Date): Promise<Set<string>> {
  if (taskIds.length === 0) return new Set();
  const rows = await db
    .selectFrom('tasks')
    .select('id')
    .where('id', 'in', taskIds)
    .where((eb) => eb.or([eb('status', 'in', ['pending', 'processing']), eb('finished_at', '>=', since)]))
    .execute();
  return new Set(rows.map(({ id }) => id));
}
