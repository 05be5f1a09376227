import { sql } from 'kysely';
import type { Db } from './database.ts';

/** A due job and whose it is; jobs without a member take turns together, as one. */
export type DueJob = { id: number; userId: string | null; priority: number; dueAt: Date };

/** How many more jobs may go out: of anybody, and in all if the rest is of members whose share is not out yet. */
export type Room = { anyone: number; newcomers: number };

/** A plan level is worth this much of waiting; a low plan is passed by a higher one, but not for ever. */
const LEVEL_MS = 15_000;

/** Jobs of one member in each round: one, or as many as the plan's level. */
const weightOf = (priority: number): number => Math.max(1, priority);
const agedMs = (job: Pick<DueJob, 'priority' | 'dueAt'>): number => job.dueAt.getTime() - job.priority * LEVEL_MS;

type Standing = Pick<DueJob, 'userId' | 'priority' | 'dueAt'>;

/** Round 0: less than the member's share is out. Then who has waited longest, a plan level being worth 15 s. */
function byTurn(out: ReadonlyMap<string | null, number>): (one: Standing, other: Standing) => number {
  const round = ({ userId, priority }: Standing): number => Math.floor((out.get(userId) ?? 0) / weightOf(priority));
  return (one, other) => round(one) - round(other) || agedMs(one) - agedMs(other);
}

/**
 * Picks due jobs so that members share alike, whatever the length of their lists: in each round a member has as many turns as
 * the plan's level. `out` counts the jobs each has in flight. Jobs of one member keep their order. Pure.
 */
export function pickTurns(due: readonly DueJob[], out: ReadonlyMap<string | null, number>, room: Room): DueJob[] {
  const counts = new Map(out);
  const lists = new Map<string, DueJob[]>();
  for (const job of due.toSorted((one, other) => one.dueAt.getTime() - other.dueAt.getTime() || one.id - other.id)) {
    const key = `${job.userId ?? ''} ${job.priority}`;
    lists.set(key, [...(lists.get(key) ?? []), job]);
  }
  const picked: DueJob[] = [];
  while (picked.length < room.newcomers) {
    const [next] = [...lists.values()].flatMap((list) => list.slice(0, 1)).toSorted(byTurn(counts));
    if (next === undefined) break;
    const isOut = counts.get(next.userId) ?? 0;
    if (picked.length >= room.anyone && isOut >= weightOf(next.priority)) break;
    counts.set(next.userId, isOut + 1);
    lists.get(`${next.userId ?? ''} ${next.priority}`)?.shift();
    picked.push(next);
  }
  return picked;
}

const dueColumns = sql`id, user_id AS userId, priority, due_at AS dueAt`;

/** The kinds of jobs there are, also of later versions. */
export async function listJobKinds(db: Db): Promise<string[]> {
  const rows = await db.selectFrom('outbox').select('job').distinct().execute();
  return rows.map(({ job }) => job);
}

/**
 * Due jobs of one kind in the order in which their members' turns come, at most as many as there is room for. What it reads
 * grows with the number of members who wait, not with the length of anyone's list. Taking them is takeJobs' business.
 */
export async function listTurns(db: Db, now: Date, wanted: { job: string; room: Room }): Promise<number[]> {
  const { job, room } = wanted;
  if (room.newcomers === 0) return [];
  const { rows: taken } = await sql<DueJob>`
    SELECT ${dueColumns} FROM outbox WHERE job = ${job} AND in_flight = 1`.execute(db);
  const out = new Map<string | null, number>();
  for (const { userId, dueAt } of taken) if (dueAt > now) out.set(userId, (out.get(userId) ?? 0) + 1);
  // Of one whose worker fell silent the time has run out.
  const overdue = taken.filter(({ dueAt }) => dueAt <= now);
  const waiting = await listWaiting(db, now, { ...wanted, out });
  return pickTurns([...overdue, ...waiting], out, room).map(({ id }) => id);
}

type Contest = { job: string; room: Room; out: ReadonlyMap<string | null, number> };

/** The first due jobs of those members whose turn may be next. */
async function listWaiting(db: Db, now: Date, { job, room, out }: Contest): Promise<DueJob[]> {
  const { rows: heads } = await sql<Standing>`
    SELECT priority, user_id AS userId, MIN(due_at) AS dueAt FROM outbox
    WHERE job = ${job} AND in_flight = 0 AND due_at <= ${now} GROUP BY priority, user_id
    ORDER BY MIN(due_at) - INTERVAL priority * ${LEVEL_MS / 1000} SECOND LIMIT ${room.newcomers + out.size}`.execute(
    db,
  );
  const next = heads.toSorted(byTurn(out)).slice(0, room.newcomers);
  if (next.length === 0) return [];
  const lists = next.map(({ priority, userId }) => {
    const count = Math.max(room.anyone, weightOf(priority));
    return sql`(SELECT ${dueColumns} FROM outbox WHERE job = ${job} AND in_flight = 0 AND priority = ${priority}
      AND user_id <=> ${userId} AND due_at <= ${now} ORDER BY due_at, id LIMIT ${count})`;
  });
  const { rows } = await sql<DueJob>`${sql.join(lists, sql` UNION ALL `)}`.execute(db);
  return rows;
}
