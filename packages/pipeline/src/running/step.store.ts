import { fromJson, type Db } from '@yunshang/db';
import { z } from 'zod';

const outputSchema = z.record(z.string(), z.unknown());

/** The outputs of the steps that have succeeded, in order from the first; steps run one after the other. */
export async function listStepOutputs(db: Db, taskId: string): Promise<Record<string, unknown>[]> {
  const rows = await db
    .selectFrom('task_steps')
    .select('output')
    .where('task_id', '=', taskId)
    .where('status', '=', 'succeeded')
    .orderBy('step_index')
    .execute();
  return rows.map((row) => outputSchema.parse(fromJson(row.output)));
}

/** How many results a task of this feature must have; 1 unless the feature says more. */
export async function expectedOutputsOf(db: Db, featureId: string): Promise<number> {
  const row = await db
    .selectFrom('feature_definitions')
    .select('expected_outputs')
    .where('feature_id', '=', featureId)
    .executeTakeFirst();
  return row?.expected_outputs ?? 1;
}
