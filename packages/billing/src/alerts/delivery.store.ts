import { idFloor, newId, raiseAlert, type Db, type Tx } from '@yunshang/db';
import { sql } from 'kysely';
import { detailsOf } from './alert.store.ts';
import type { ToldAlert } from './wording.ts';

/** A target hears of what happened while nobody could tell it, as far back as this. */
const LOOK_BACK_MS = 24 * 3_600_000;
const PAGE = 500;

export type Delivery = { alertId: string; targetId: string };

/** Writes down which targets are to hear of which alerts. */
export async function planDeliveries(db: Db, now: Date): Promise<void> {
  const since = new Date(now.getTime() - LOOK_BACK_MS);
  const rows = await db
    .selectFrom('alert_targets as t')
    .innerJoin('alerts as a', (join) => join.on('a.id', '>=', idFloor(since)))
    .leftJoin('alert_deliveries as d', (join) =>
      join.onRef('d.alert_id', '=', 'a.id').onRef('d.target_id', '=', 't.id'),
    )
    .select(['a.id as alertId', 't.id as targetId'])
    .where('t.is_enabled', '=', 1)
    .where('t.deleted_at', 'is', null)
    .whereRef('a.created_at', '>=', 't.created_at')
    .where('a.kind', '!=', 'target_test')
    .where('d.alert_id', 'is', null)
    .where(sql<boolean>`(t.kinds IS NULL OR JSON_CONTAINS(t.kinds, JSON_QUOTE(a.kind)))`)
    .limit(PAGE)
    .execute();
  if (rows.length === 0) return;
  await db
    .insertInto('alert_deliveries')
    .ignore()
    .values(rows.map((row) => ({ ...keyOf(row), status: 'waiting' as const, created_at: now })))
    .execute();
}

/** An alert for one target alone. Returns its id. */
export async function planTest(tx: Tx, targetId: string, now: Date): Promise<string> {
  const period = newId();
  await raiseAlert(tx, { kind: 'target_test', subject: targetId, period, details: {} }, now);
  const { id } = await tx
    .selectFrom('alerts')
    .select('id')
    .where('dedup_key', '=', `target_test:${targetId}:${period}`)
    .executeTakeFirstOrThrow();
  await tx
    .insertInto('alert_deliveries')
    .values({ alert_id: id, target_id: targetId, status: 'waiting', created_at: now })
    .execute();
  return id;
}

export type Waiting = Delivery & { tries: number; triedAt: Date | null; alert: ToldAlert };

/** What waits for a try, what was tried least first. Those of targets that are off wait until they are on. */
export async function listWaiting(db: Db): Promise<Waiting[]> {
  const rows = await db
    .selectFrom('alert_deliveries as d')
    .innerJoin('alerts as a', 'a.id', 'd.alert_id')
    .innerJoin('alert_targets as t', 't.id', 'd.target_id')
    .select(['d.alert_id', 'd.target_id', 'd.tries', 'd.tried_at', 'a.kind', 'a.details', 'a.created_at'])
    .where('d.status', '=', 'waiting')
    .where('t.is_enabled', '=', 1)
    .orderBy('d.tries')
    .orderBy('d.alert_id')
    .limit(PAGE)
    .execute();
  return rows.map((row) => ({
    alertId: row.alert_id,
    targetId: row.target_id,
    tries: row.tries,
    triedAt: row.tried_at,
    alert: { id: row.alert_id, kind: row.kind, details: detailsOf(row), createdAt: row.created_at },
  }));
}

/** One of those who see it waiting may try. */
export async function claimDelivery(db: Db, { alertId, targetId, tries }: Waiting, now: Date): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable('alert_deliveries')
    .set({ tries: tries + 1, tried_at: now })
    .where('alert_id', '=', alertId)
    .where('target_id', '=', targetId)
    .where('status', '=', 'waiting')
    .where('tries', '=', tries)
    .executeTakeFirst();
  return numUpdatedRows === 1n;
}

/** How the claimed try ended. */
export async function endTry(
  db: Db,
  { alertId, targetId }: Delivery,
  end: { status: 'waiting' | 'sent' | 'given_up'; error: string | null },
): Promise<void> {
  await db
    .updateTable('alert_deliveries')
    .set({ status: end.status, last_error: end.error })
    .where('alert_id', '=', alertId)
    .where('target_id', '=', targetId)
    .where('status', '=', 'waiting')
    .execute();
}

/** For the metrics: what nobody took care of, what waits, and what was given up within a day. */
export async function countAlerts(db: Db, now: Date): Promise<{ open: number; waiting: number; givenUp: number }> {
  const since = new Date(now.getTime() - LOOK_BACK_MS);
  const { open, waiting, givenUp } = await db
    .selectNoFrom((eb) => [
      eb
        .selectFrom('alerts')
        .select((count) => count.fn.countAll<number>().as('n'))
        .where('acknowledged_at', 'is', null)
        .where('id', '>=', idFloor(since))
        .as('open'),
      eb
        .selectFrom('alert_deliveries')
        .select((count) => count.fn.countAll<number>().as('n'))
        .where('status', '=', 'waiting')
        .as('waiting'),
      eb
        .selectFrom('alert_deliveries')
        .select((count) => count.fn.countAll<number>().as('n'))
        .where('status', '=', 'given_up')
        .where('created_at', '>=', since)
        .as('givenUp'),
    ])
    .executeTakeFirstOrThrow();
  return { open: open ?? 0, waiting: waiting ?? 0, givenUp: givenUp ?? 0 };
}

function keyOf({ alertId, targetId }: Delivery): { alert_id: string; target_id: string } {
  return { alert_id: alertId, target_id: targetId };
}
