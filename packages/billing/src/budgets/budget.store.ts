import { sqlValue, type Db, type Tx } from '@yunshang/db';
import { sql } from 'kysely';
import { weekOf } from '../calendar/calendar.ts';
import { featureScope, GLOBAL, type Claim, type ReservedIn } from './budget.ts';

/** The CHECK that has the last word on a reservation. */
export const LIMIT_CHECK = 'ck_budget_weeks_limit';

/**
 * One statement that reserves all of the claims or fails the transaction on LIMIT_CHECK. It belongs right before the COMMIT: from here to
 * there nobody else can reserve. Assignments run from left to right, so the sum is judged before it is written.
 */
export function reserveSql(claims: readonly Claim[]): string {
  const rows = claims.map(({ scope, week, microYuan, limitMicroYuan }) =>
    [scope, week, microYuan, microYuan, limitMicroYuan].map((value) => sqlValue(value)).join(', '),
  );
  return `INSERT INTO budget_weeks (scope, week, reserved_micro_yuan, judged_micro_yuan, limit_micro_yuan)
    VALUES ${rows.map((row) => `(${row})`).join(', ')}
    ON DUPLICATE KEY UPDATE limit_micro_yuan = VALUES(limit_micro_yuan),
      judged_micro_yuan = spent_micro_yuan + reserved_micro_yuan + VALUES(reserved_micro_yuan),
      reserved_micro_yuan = reserved_micro_yuan + VALUES(reserved_micro_yuan)`;
}

export type EndedTask = {
  taskId: string;
  featureId: string;
  createdAt: Date;
  reservedMicroYuan: number | null;
  reservedIn: ReservedIn | null;
};

/**
 * The task has ended: what its attempts cost so far counts from now on, and what it held is given back. The last statement of the
 * transaction that ends it, under the task's lock; the rows are locked in the order of every reservation.
 */
export async function countEndedTask(tx: Tx, task: EndedTask): Promise<void> {
  const week = weekOf(task.createdAt);
  const held = task.reservedMicroYuan ?? 0;
  const heldIn = (scope: ReservedIn): number => (task.reservedIn === scope || task.reservedIn === 'both' ? held : 0);
  await sql`
    INSERT INTO budget_weeks (scope, week, spent_micro_yuan)
    SELECT scopes.scope, ${week}, costs.total FROM
      (SELECT ${featureScope(task.featureId)} AS scope UNION ALL SELECT ${GLOBAL}) AS scopes,
      (SELECT COALESCE(SUM(amount_micro_yuan), 0) AS total FROM cost_entries
        WHERE task_id = ${task.taskId} AND attempt_id IS NOT NULL) AS costs
    ORDER BY scopes.scope
    ON DUPLICATE KEY UPDATE
      spent_micro_yuan = spent_micro_yuan + VALUES(spent_micro_yuan),
      reserved_micro_yuan = reserved_micro_yuan
        - CASE budget_weeks.scope WHEN ${GLOBAL} THEN ${heldIn('global')} ELSE ${heldIn('feature')} END`.execute(tx);
}

/** A vendor told what work of an ended task cost after all. */
export async function countLateCost(
  tx: Tx,
  late: { featureId: string; createdAt: Date; differenceMicroYuan: number },
): Promise<void> {
  if (late.differenceMicroYuan === 0) return;
  const { numUpdatedRows } = await tx
    .updateTable('budget_weeks')
    .set((eb) => ({ spent_micro_yuan: eb('spent_micro_yuan', '+', late.differenceMicroYuan) }))
    .where('week', '=', sql<Date>`${weekOf(late.createdAt)}`)
    .where('scope', 'in', [featureScope(late.featureId), GLOBAL])
    .executeTakeFirst();
  if (numUpdatedRows !== 2n) throw new Error('a task ended and was not counted');
}

export type BudgetWeek = { scope: string; usedMicroYuan: number; reservedMicroYuan: number; spentMicroYuan: number };

/** What the scopes have used of that week; all of them unless some are named. */
export async function listBudgetWeek(db: Db, week: string, scopes?: readonly string[]): Promise<BudgetWeek[]> {
  let query = db
    .selectFrom('budget_weeks')
    .select(['scope', 'reserved_micro_yuan', 'spent_micro_yuan'])
    .where('week', '=', sql<Date>`${week}`);
  if (scopes !== undefined) query = query.where('scope', 'in', scopes);
  const rows = await query.orderBy('scope').execute();
  return rows.map((row) => ({
    scope: row.scope,
    usedMicroYuan: row.reserved_micro_yuan + row.spent_micro_yuan,
    reservedMicroYuan: row.reserved_micro_yuan,
    spentMicroYuan: row.spent_micro_yuan,
  }));
}
