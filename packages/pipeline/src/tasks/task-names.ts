import type { Db } from '@yunshang/db';

/** Which feature each of these tasks is of, and what it is called. */
export async function nameTasks(
  db: Db,
  taskIds: readonly string[],
): Promise<Map<string, { featureId: string; title: string }>> {
  const rows = await db
    .selectFrom('tasks')
    .innerJoin('feature_definitions as f', 'f.feature_id', 'tasks.feature_id')
    .select(['tasks.id', 'f.feature_id', 'f.title'])
    .where('tasks.id', 'in', taskIds)
    .execute();
  return new Map(rows.map((row) => [row.id, { featureId: row.feature_id, title: row.title }]));
}
