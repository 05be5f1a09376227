import type { GlobalBudget } from '@yunshang/contracts';
import { fromJson, isDuplicate, toJson, type Db, type Tx } from '@yunshang/db';
import { z } from 'zod';

const NAME = 'budget.global';
const valueSchema = z.object({ weeklyBudgetFen: z.int().positive().nullable() });

/** Revision 0 while nobody has ever set it. */
export async function getGlobalBudget(db: Db): Promise<GlobalBudget> {
  const row = await db.selectFrom('settings').select(['value', 'revision']).where('name', '=', NAME).executeTakeFirst();
  if (row === undefined) return { weeklyBudgetFen: null, revision: 0 };
  return { ...valueSchema.parse(fromJson(row.value)), revision: row.revision };
}

/** False when it has moved on from `revision`. */
export async function saveGlobalBudget(
  tx: Tx,
  change: { weeklyBudgetFen: number | null; revision: number; by: string | null; now: Date },
): Promise<boolean> {
  const value = toJson({ weeklyBudgetFen: change.weeklyBudgetFen });
  const row = { value, updated_by: change.by, updated_at: change.now };
  if (change.revision === 0)
    return tx
      .insertInto('settings')
      .values({ name: NAME, ...row })
      .execute()
      .then(
        () => true,
        (error: unknown) => {
          if (isDuplicate(error)) return false;
          throw error;
        },
      );
  const { numUpdatedRows } = await tx
    .updateTable('settings')
    .set({ ...row, revision: change.revision + 1 })
    .where('name', '=', NAME)
    .where('revision', '=', change.revision)
    .executeTakeFirst();
  return numUpdatedRows === 1n;
}
