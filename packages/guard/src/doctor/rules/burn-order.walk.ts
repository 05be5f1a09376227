import type { Db } from '@yunshang/db';
import { sql } from 'kysely';
import { type GivenGrant, type Movement, spendsOutOfOrder } from '../replay.ts';
import type { BrokenRow } from '../rule.ts';

/** Members of one page, and about how many ledger rows it may hold. */
const MEMBERS = 500;
const ROWS = 20_000;

/** The spends of every member that were out of order; a page of members is in memory at a time. */
export async function* walkBurnOrder(db: Db): AsyncGenerator<BrokenRow> {
  for (let page = await nextPage(db, ''); page.length > 0; page = await nextPage(db, page.at(-1) ?? '')) {
    // Grants after movements: whatever a movement names is there by then.
    const movements = await movementsOf(db, page);
    const grants = await grantsOf(db, page);
    for (const [userId, theirs] of movements)
      for (const { part, chargeId, instead } of spendsOutOfOrder(grants.get(userId) ?? [], theirs))
        yield { id: part.id, detail: `charge ${chargeId} took ${part.amount} of ${part.grantId}, before ${instead}` };
  }
}

async function nextPage(db: Db, after: string): Promise<string[]> {
  const users = await db
    .selectFrom('users')
    .select(['id', 'ledger_seq'])
    .where('id', '>', after)
    .orderBy('id')
    .limit(MEMBERS)
    .execute();
  let rows = 0;
  const page = users.filter(({ ledger_seq: count }) => {
    const fits = rows < ROWS;
    rows += count;
    return fits;
  });
  return page.map(({ id }) => id);
}

type MovementRow = {
  user_id: string;
  seq: number;
  kind: string;
  amount: number;
  grant_id: string | null;
  charge_id: string | null;
  created_at: Date;
  part_id: number | null;
  part_of: string | null;
  part_amount: number | null;
};

async function movementsOf(db: Db, users: readonly string[]): Promise<Map<string, Movement[]>> {
  const { rows } = await sql<MovementRow>`
    SELECT l.user_id, l.seq, l.kind, l.amount, l.grant_id, l.charge_id, l.created_at,
      a.id AS part_id, a.grant_id AS part_of, a.amount AS part_amount
    FROM quota_logs l LEFT JOIN quota_allocations a ON a.charge_id = l.charge_id
      AND a.direction = (CASE l.kind WHEN 'charge' THEN 'spend' ELSE 'return' END)
    WHERE l.user_id IN (${sql.join(users)}) ORDER BY l.user_id, l.seq`.execute(db);
  const movements = new Map<string, (Movement & { parts: Movement['parts'][number][] })[]>();
  for (const row of rows) {
    const theirs = movements.get(row.user_id) ?? [];
    movements.set(row.user_id, theirs);
    let last = theirs.at(-1);
    if (last?.seq !== row.seq) {
      const { seq, kind, amount, grant_id: grantId, charge_id: chargeId, created_at: at } = row;
      last = { seq, kind, amount, grantId, chargeId, at, parts: [] };
      theirs.push(last);
    }
    if (row.part_id !== null && row.part_of !== null && row.part_amount !== null)
      last.parts.push({ id: row.part_id, grantId: row.part_of, amount: row.part_amount });
  }
  return movements;
}

async function grantsOf(db: Db, users: readonly string[]): Promise<Map<string, GivenGrant[]>> {
  const rows = await db
    .selectFrom('quota_grants')
    .select(['id', 'user_id', 'amount', 'expires_at'])
    .where('user_id', 'in', [...users])
    .execute();
  const grants = rows.map(({ id, user_id: userId, amount, expires_at: expiresAt }) => ({
    id,
    userId,
    amount,
    expiresAt,
  }));
  return Map.groupBy(grants, ({ userId }) => userId);
}
