import type { Db } from '@yunshang/db';
import { sql } from 'kysely';
import { safeSum } from '../costs/amount.ts';
import { lengthOf } from '../plans/plan.ts';
import { type DaySlice, sliceOf } from './ledger-slice.store.ts';
import type { MemberFact } from './member-walk.ts';

/** A fact as the ledger has it; which day took it is not known here. */
export type PostedFact = Omit<MemberFact, 'at'> & { readonly postedAt: Date };

/** Members whose money moved on the day. */
export async function listMovedMembers(db: Db, slice: DaySlice): Promise<string[]> {
  const where = await sliceOf(db, 'moneyEntries', slice);
  if (where === undefined) return [];
  const { rows } = await sql<{ user_id: string }>`
    SELECT DISTINCT l.user_id FROM money_entries AS l WHERE ${where}`.execute(db);
  return rows.map((row) => row.user_id);
}

/** Members who, as some closed day left them, would lapse in that time. */
export async function listMembersEnding(db: Db, time: { from: Date; to: Date }): Promise<string[]> {
  const rows = await db
    .selectFrom('report_member_ends')
    .select('user_id')
    .distinct()
    .where('ends_at', '>=', time.from)
    .where('ends_at', '<', time.to)
    .execute();
  return rows.map((row) => row.user_id);
}

/** As many members as one statement names. */
const AT_ONCE = 500;

/** What made and ended the memberships of these people, up to a row of the ledger, in its order. */
export async function listFacts(
  db: Db,
  of: { userIds: readonly string[]; upTo: number; before: Date },
): Promise<Map<string, PostedFact[]>> {
  const facts = new Map<string, PostedFact[]>();
  for (let start = 0; start < of.userIds.length; start += AT_ONCE) {
    const found = await factRows(db, of.userIds.slice(start, start + AT_ONCE), of);
    for (const fact of found) facts.set(fact.userId, [...(facts.get(fact.userId) ?? []), fact]);
  }
  return facts;
}

async function factRows(
  db: Db,
  userIds: readonly string[],
  until: { upTo: number; before: Date },
): Promise<PostedFact[]> {
  // Members first: the optimizer would rather walk the whole ledger in the order of its rows.
  const { rows } = await sql<{
    id: unknown;
    kind: 'payment' | 'refund';
    user_id: string;
    payment_id: string;
    order_id: string;
    amount_fen: number;
    posted_at: Date;
    taken_at: Date | null;
    plan_id: string;
    level: number;
    period_days: number | null;
    period_months: number | null;
  }>`
    SELECT STRAIGHT_JOIN m.id, m.kind, m.user_id, m.payment_id, m.order_id, m.amount_fen, m.posted_at, r.created_at AS taken_at,
           o.plan_id, v.level, v.period_days, v.period_months
      FROM money_entries AS m
      JOIN payment_transactions AS p ON p.id = m.payment_id AND p.outcome = 'granted'
      JOIN orders AS o ON o.id = m.order_id
      JOIN plans AS v ON v.plan_id = o.plan_id AND v.version = o.plan_version
      LEFT JOIN order_refunds AS r ON r.id = m.refund_id
     WHERE m.user_id IN (${sql.join(userIds)})`.execute(db);
  const known = rows
    .map((row) => ({ ...row, id: safeSum(row.id) }))
    .filter((row) => row.id <= until.upTo && row.posted_at < until.before)
    .toSorted((one, other) => one.id - other.id);
  // What is left of each payment: only the refund that takes the last of it ends a membership.
  const left = new Map<string, number>();
  return known.flatMap((row) => {
    const rest = (left.get(row.payment_id) ?? 0) + row.amount_fen;
    left.set(row.payment_id, rest);
    if (row.kind === 'refund' && rest !== 0) return [];
    const fact = {
      id: row.id,
      userId: row.user_id,
      kind: row.kind === 'payment' ? ('bought' as const) : ('refunded' as const),
      postedAt: row.posted_at,
      takenAt: row.taken_at ?? row.posted_at,
      orderId: row.order_id,
      planId: row.plan_id,
      level: row.level,
      length: lengthOf({ periodDays: row.period_days, periodMonths: row.period_months }),
    };
    return [fact];
  });
}
