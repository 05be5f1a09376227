import type { Db } from '@yunshang/db';
import { sql } from 'kysely';
import type { GivenGrant, Movement, Part } from '../replay.ts';

/** What a member and its grants were at one moment. */
export type MemberRow = {
  readonly id: string;
  readonly quotaRemaining: number;
  readonly ledgerSeq: number;
  readonly grants: readonly (GivenGrant & { readonly remaining: number })[];
};

/** A row of the ledger with its parts. `isOdd`: wrong in itself, or not what its subject says. */
export type Entry = Movement & {
  readonly id: number;
  readonly userId: string;
  readonly before: number;
  readonly after: number;
  readonly isOdd: boolean;
};

/** Members that one statement reads or names. */
const MEMBERS = 5_000;

type GrantOfMember = {
  id: string;
  quota_remaining: number;
  ledger_seq: number;
  grant_id: string | null;
  amount: number | null;
  remaining: number | null;
  expires_at: Date | null;
};

/** The first `limit` members after an id in their order. */
export async function listMembers(db: Db, after: string, limit: number): Promise<MemberRow[]> {
  const members: MemberRow[] = [];
  while (members.length < limit) {
    const size = Math.min(MEMBERS, limit - members.length);
    const page = await readMembers(db, members.at(-1)?.id ?? after, size);
    for (const member of page) members.push(member);
    if (page.length < size) break;
  }
  return members;
}

async function readMembers(db: Db, after: string, limit: number): Promise<MemberRow[]> {
  const { rows } = await sql<GrantOfMember>`
    SELECT u.id, u.quota_remaining, u.ledger_seq, g.id AS grant_id, g.amount, g.remaining, g.expires_at
    FROM (SELECT id, quota_remaining, ledger_seq FROM users WHERE id > ${after} ORDER BY id LIMIT ${sql.lit(limit)}) u
    LEFT JOIN quota_grants g ON g.user_id = u.id ORDER BY u.id`.execute(db);
  const byId = new Map<string, MemberRow & { grants: MemberRow['grants'][number][] }>();
  for (const { id, quota_remaining: quotaRemaining, ledger_seq: ledgerSeq, ...grant } of rows) {
    const member = byId.get(id) ?? { id, quotaRemaining, ledgerSeq, grants: [] };
    byId.set(id, member);
    const { grant_id: grantId, amount, remaining, expires_at: expiresAt } = grant;
    if (grantId !== null && amount !== null && remaining !== null && expiresAt !== null)
      member.grants.push({ id: grantId, amount, remaining, expiresAt });
  }
  return [...byId.values()];
}

type EntryRow = {
  id: number;
  user_id: string;
  seq: number;
  kind: string;
  amount: number;
  balance_before: number;
  balance_after: number;
  grant_id: string | null;
  charge_id: string | null;
  created_at: Date;
  part_id: number | null;
  part_of: string | null;
  part_amount: number | null;
  direction: string | null;
  is_odd: number | null;
};

/** The ids between which the ledger lies; undefined while it is empty. */
export async function findBounds(db: Db): Promise<{ oldest: number; newest: number } | undefined> {
  const { oldest, newest } = await db
    .selectFrom('quota_logs')
    .select(({ fn }) => [fn.min<number | null>('id').as('oldest'), fn.max<number | null>('id').as('newest')])
    .executeTakeFirstOrThrow();
  return oldest === null || newest === null ? undefined : { oldest, newest };
}

/** Rows of those members with ids above `from` up to and with `to`, the oldest first. */
export async function listEntries(
  db: Db,
  of: { after: string; upTo: string | undefined; from: number; to: number },
): Promise<Entry[]> {
  const end = of.upTo === undefined ? sql`` : sql`AND l.user_id <= ${of.upTo}`;
  const { rows } = await sql<EntryRow>`
    SELECT l.id, l.user_id, l.seq, l.kind, l.amount, l.balance_before, l.balance_after, l.grant_id, l.charge_id, l.created_at,
      a.id AS part_id, a.grant_id AS part_of, a.amount AS part_amount, a.direction,
      (TRIM(l.cause) = '' OR (l.grant_id IS NULL AND l.charge_id IS NULL)
        OR (l.grant_id IS NOT NULL AND (g.id IS NULL OR g.user_id <> l.user_id))
        OR (l.order_id IS NOT NULL AND (o.id IS NULL OR o.user_id <> l.user_id))
        OR (l.charge_id IS NOT NULL AND (c.id IS NULL OR c.user_id <> l.user_id OR NOT (l.task_id <=> c.task_id)
          OR l.kind NOT IN ('charge', 'refund') OR l.effect_key <> CONCAT(l.kind, ':', l.charge_id) OR ABS(l.amount) <> c.amount
          OR (l.kind = 'refund' AND c.status <> 'refunded')))
        OR (l.kind IN ('charge', 'refund') AND l.charge_id IS NULL)) AS is_odd
    FROM quota_logs l FORCE INDEX (PRIMARY)
    LEFT JOIN quota_allocations a ON a.charge_id = l.charge_id
    LEFT JOIN quota_charges c ON c.id = l.charge_id
    LEFT JOIN quota_grants g ON g.id = l.grant_id
    LEFT JOIN orders o ON o.id = l.order_id
    WHERE l.id > ${of.from} AND l.id <= ${of.to} AND l.user_id > ${of.after} ${end}
    ORDER BY l.id`.execute(db);
  const entries: (Entry & { parts: Part[] })[] = [];
  for (const row of rows) {
    let entry = entries.at(-1);
    if (entry?.id !== row.id) {
      entry = entryOf(row);
      entries.push(entry);
    }
    const isPart = row.direction === (row.kind === 'charge' ? 'spend' : 'return');
    if (isPart && row.part_id !== null && row.part_of !== null && row.part_amount !== null)
      entry.parts.push({ id: row.part_id, grantId: row.part_of, amount: row.part_amount });
  }
  return entries;
}

function entryOf(row: EntryRow): Entry & { parts: Part[] } {
  return {
    id: row.id,
    userId: row.user_id,
    seq: row.seq,
    kind: row.kind,
    amount: row.amount,
    before: row.balance_before,
    after: row.balance_after,
    grantId: row.grant_id,
    chargeId: row.charge_id,
    at: row.created_at,
    isOdd: row.is_odd === 1,
    parts: [],
  };
}

/** Whether each of these members counts as many rows as its ledger has. */
export async function areStillCounted(db: Db, userIds: readonly string[]): Promise<boolean> {
  for (let start = 0; start < userIds.length; start += MEMBERS) {
    const some = userIds.slice(start, start + MEMBERS);
    const { rows } = await sql<{ counted: number }>`
      SELECT COUNT(*) AS counted FROM users u WHERE u.id IN (${sql.join(some)})
        AND u.ledger_seq = (SELECT MAX(l.seq) FROM quota_logs l WHERE l.user_id = u.id)`.execute(db);
    if (rows[0]?.counted !== some.length) return false;
  }
  return true;
}
