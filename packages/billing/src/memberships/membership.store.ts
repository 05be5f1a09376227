import type { Membership } from '@yunshang/contracts';
import type { Db, Tx } from '@yunshang/db';
import type { Anchor, Period, Rescheduled, Shortened } from './membership.ts';

/** The member's periods that have not ended, the earliest first. */
export async function listOpenPeriods(db: Db, userId: string, now: Date): Promise<Period[]> {
  const rows = await db
    .selectFrom('membership_periods')
    .selectAll()
    .where('user_id', '=', userId)
    .where('ends_at', '>', now)
    .orderBy('starts_at')
    .execute();
  return rows.map((row) => ({
    id: row.id,
    planId: row.plan_id,
    level: row.level,
    startsAt: row.starts_at,
    endsAt: row.ends_at,
    orderId: row.order_id,
    anchor: anchorOf(row),
  }));
}

function anchorOf(row: { anchor_at: Date | null; anchor_months: number | null }): Anchor | null {
  return row.anchor_at === null || row.anchor_months === null ? null : { at: row.anchor_at, months: row.anchor_months };
}

/** Writes a new schedule of a locked member. */
export async function saveSchedule(tx: Tx, userId: string, write: { schedule: Rescheduled; now: Date }): Promise<void> {
  const { schedule, now } = write;
  // Latest first: starts are unique per member, and each row moves into a time that the one behind it has left.
  for (const period of schedule.changed.toSorted((one, other) => other.startsAt.getTime() - one.startsAt.getTime()))
    await tx
      .updateTable('membership_periods')
      .set({ starts_at: period.startsAt, ends_at: period.endsAt })
      .where('id', '=', period.id)
      .execute();
  await tx
    .insertInto('membership_periods')
    .values(
      schedule.added.map((period) => ({
        id: period.id,
        user_id: userId,
        plan_id: period.planId,
        level: period.level,
        starts_at: period.startsAt,
        ends_at: period.endsAt,
        order_id: period.orderId,
        anchor_at: period.anchor?.at ?? null,
        anchor_months: period.anchor?.months ?? null,
        created_at: now,
      })),
    )
    .execute();
}

/** Writes what is left of a locked member's schedule once an order is out of it. */
export async function saveShortened(tx: Tx, { removed, changed }: Shortened): Promise<void> {
  if (removed.length > 0)
    await tx
      .deleteFrom('membership_periods')
      .where(
        'id',
        'in',
        removed.map(({ id }) => id),
      )
      .execute();
  // Earliest first: each moves up into a time that the one before it has left.
  for (const period of changed)
    await tx
      .updateTable('membership_periods')
      .set({ starts_at: period.startsAt, ends_at: period.endsAt })
      .where('id', '=', period.id)
      .execute();
}

/** The membership in force at `now`: the running period's plan, and the end of all that is paid for. Null without one. */
export async function getMembership(db: Db, userId: string, now: Date): Promise<Membership | null> {
  const periods = await listOpenPeriods(db, userId, now);
  const running = periods.find((period) => period.startsAt.getTime() <= now.getTime());
  const last = periods.at(-1);
  if (running === undefined || last === undefined) return null;
  return {
    planId: running.planId,
    level: running.level,
    startedAt: running.startsAt.toISOString(),
    endsAt: last.endsAt.toISOString(),
  };
}
