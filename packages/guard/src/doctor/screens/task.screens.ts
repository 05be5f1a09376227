import { sql } from 'kysely';
import { isQuietByPages, type Screen, selectsNothing } from './screen.ts';

const ENDED = sql`('succeeded', 'failed', 'cancelled')`;

/** Charges with their tasks, and tasks with what became of them. */
export const taskScreens = [
  {
    name: 'every_charge_with_its_task',
    covers: [
      'charge_ends_with_task',
      'task_pays_snapshot',
      'failed_task_is_refunded',
      'refund_flag_is_charge',
      'charge_has_task',
      'task_has_charge',
      // A task is no older than its charge, and its attempts, seen with their costs, are no older than the task.
      'attempt_after_charge',
    ],
    isQuiet: async (db) => {
      // Every charge has one task of its own: where there are as many tasks, none is without a charge.
      const counts = sql`SELECT tasks, charges FROM (SELECT COUNT(*) AS tasks FROM tasks) t, (SELECT COUNT(*) AS charges FROM quota_charges) c
        WHERE tasks <> charges`;
      if (!(await selectsNothing(db, counts))) return false;
      return isQuietByPages(
        db,
        { table: 'quota_charges', key: 'id' },
        (isInPage) => sql`
          SELECT t.id FROM quota_charges FORCE INDEX (PRIMARY) LEFT JOIN tasks t ON t.id = quota_charges.task_id
          WHERE ${isInPage} AND (t.id IS NULL OR t.charge_id <> quota_charges.id OR t.user_id <> quota_charges.user_id
            OR t.quota_cost <> quota_charges.amount OR t.created_at < quota_charges.created_at
            OR (quota_charges.status = 'held') <> (t.status IN ('pending', 'processing'))
            OR (t.status = 'succeeded' AND quota_charges.status <> 'settled')
            OR (t.refunded = 1) <> (quota_charges.status = 'refunded')
            OR (t.eligible_for_refund = 0 AND quota_charges.status = 'refunded')
            OR (t.eligible_for_refund = 1 AND quota_charges.status <> 'refunded' AND (t.status = 'failed'
              OR (t.status = 'cancelled' AND NOT EXISTS (SELECT 1 FROM task_attempts a WHERE a.task_id = t.id)))))`,
      );
    },
  },
  {
    name: 'every_event_of_a_task',
    covers: ['task_ends_once', 'task_is_last_event'],
    isQuiet: (db) =>
      isQuietByPages(
        db,
        { table: 'task_events', key: 'task_id' },
        (isInPage) => sql`
          SELECT task_events.task_id FROM task_events FORCE INDEX (ix_task_events_task) LEFT JOIN tasks t ON t.id = task_events.task_id
          WHERE ${isInPage}
          GROUP BY task_events.task_id
          HAVING MIN(CASE WHEN task_events.status IN ${ENDED} THEN task_events.id END) < MAX(task_events.id)
            OR (MAX(t.id) IS NOT NULL
              AND MAX(task_events.id) <> COALESCE(MAX(CASE WHEN task_events.status = t.status THEN task_events.id END), 0))`,
      ),
  },
] as const satisfies readonly Screen[];
