import type { Db } from '@yunshang/db';

/** Whether the feature's results count as made by AI; true for one that is not known, so that nothing goes out unmarked. */
export async function isAiGenerated(db: Db, featureId: string): Promise<boolean> {
  const row = await db
    .selectFrom('feature_definitions')
    .select('ai_generated')
    .where('feature_id', '=', featureId)
    .executeTakeFirst();
  return row?.ai_generated !== 0;
}
