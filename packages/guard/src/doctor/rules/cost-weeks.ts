import { type RawBuilder, sql } from 'kysely';

/** The Monday in Asia/Shanghai that begins the week of a time. */
export function weekOf(time: RawBuilder<unknown>): RawBuilder<Date> {
  return sql`DATE_SUB(DATE(${time} + INTERVAL 8 HOUR), INTERVAL WEEKDAY(${time} + INTERVAL 8 HOUR) DAY)`;
}

const week = weekOf(sql`t.created_at`);

/** What open tasks hold by feature and week, from the index of open tasks. */
export const reservations = sql`(SELECT t.feature_id, ${week} AS week, 0 AS spent,
      SUM(CASE WHEN t.reserved_in IN ('feature', 'both') THEN t.reserved_micro_yuan ELSE 0 END) AS reserved_feature,
      SUM(CASE WHEN t.reserved_in IN ('global', 'both') THEN t.reserved_micro_yuan ELSE 0 END) AS reserved_global
    FROM tasks t WHERE t.open_deadline IS NOT NULL AND t.finished_at IS NULL GROUP BY t.feature_id, week)`;

/**
 * What the tasks of each feature and week cost once they ended, and hold while they are open. Costs are read in their own order, which is
 * nearly that of their tasks, and added up where they are: no table of tasks is made in between.
 */
export const weeks = sql`(SELECT feature_id, week, SUM(spent) AS spent, SUM(reserved_feature) AS reserved_feature,
      SUM(reserved_global) AS reserved_global
    FROM (
      SELECT t.feature_id, ${week} AS week, SUM(CASE WHEN t.finished_at IS NULL THEN 0 ELSE c.amount_micro_yuan END) AS spent,
        0 AS reserved_feature, 0 AS reserved_global
      FROM cost_entries c FORCE INDEX (PRIMARY) STRAIGHT_JOIN tasks t ON t.id = c.task_id
      WHERE c.attempt_id IS NOT NULL GROUP BY t.feature_id, week
      UNION ALL SELECT feature_id, week, spent, reserved_feature, reserved_global FROM ${reservations} AS held) AS parts
    GROUP BY feature_id, week)`;
