import { type Clock, type Db, inTransaction, newId, openRaw, type RawDatabase, recordAudit } from '@yunshang/db';
import { makeMember, type MadeMember } from '@yunshang/devstack';
import { sql } from 'kysely';
import {
  createSealer,
  newSigningKeyText,
  parseSigningKey,
  parseVerifyingKeys,
  type SigningKey,
  verifyingKeyText,
} from '../src/index.ts';

export const newSigningKey = (id: string): SigningKey => parseSigningKey(newSigningKeyText(id));

export const publicOf = (...keys: readonly SigningKey[]) => parseVerifyingKeys(keys.map(verifyingKeyText).join(','));

export type LogWorld = { member: MadeMember; paymentId: string; operatorId: string };

/** A member who can have rows in every source. */
export async function logWorld(db: Db): Promise<LogWorld> {
  const [member, operator] = [await makeMember(db, { quota: 0 }), await makeMember(db, { quota: 0 })];
  const payment = await db
    .selectFrom('payment_transactions')
    .select('id')
    .where('order_id', '=', member.orderId)
    .executeTakeFirstOrThrow();
  // What their purchases wrote is no part of what is counted here. TRUNCATE fires no trigger.
  await sql`TRUNCATE TABLE money_entries`.execute(db);
  return { member, paymentId: payment.id, operatorId: operator.userId };
}

/** One row of each kind, each in a transaction of its own as far as it can be told from outside. */
export async function writeRows(
  db: Db,
  world: LogWorld,
  { rounds, now }: { rounds: number; now: Date },
): Promise<void> {
  for (let round = 0; round < rounds; round += 1) {
    await grantOne(db, world, now);
    await db
      .insertInto('cost_entries')
      .values({
        kind: 'estimate',
        item: 'cut-out',
        vendor: 'tencent_ci',
        amount_micro_yuan: 30_000,
        effect_key: `cost:${newId()}`,
        occurred_at: now,
        posted_at: now,
      })
      .execute();
    await db
      .insertInto('money_entries')
      .values({
        kind: 'payment',
        amount_fen: 9900,
        order_id: world.member.orderId,
        payment_id: world.paymentId,
        user_id: world.member.userId,
        effect_key: `payment:${newId()}`,
        occurred_at: now,
        posted_at: now,
      })
      .execute();
    await auditOne(db, world, { round, now });
  }
}

async function auditOne(db: Db, world: LogWorld, { round, now }: { round: number; now: Date }): Promise<void> {
  const actor = { id: world.operatorId, role: 'operator' as const, requestId: newId() };
  const entry = {
    action: 'definition.updated',
    subjectType: 'feature',
    subjectId: 'basic_clean',
    details: { changes: ['说明', round], from: null },
    now,
  };
  await inTransaction(db, (tx) => recordAudit(tx, actor, entry));
}

/** One unit granted, as the ledger writes it. */
async function grantOne(db: Db, { member }: LogWorld, now: Date): Promise<void> {
  await inTransaction(db, async (tx) => {
    const user = await tx
      .selectFrom('users')
      .select(['quota_remaining', 'ledger_seq'])
      .where('id', '=', member.userId)
      .forUpdate()
      .executeTakeFirstOrThrow();
    const id = newId();
    const grant = { id, user_id: member.userId, source: 'promotion' as const, amount: 1, remaining: 1 };
    await tx
      .insertInto('quota_grants')
      .values({
        ...grant,
        expires_at: new Date(now.getTime() + 86_400_000),
        effect_key: `promotion:${id}`,
        created_at: now,
      })
      .execute();
    const [seq, before] = [user.ledger_seq + 1, user.quota_remaining];
    await tx
      .insertInto('quota_logs')
      .values({
        user_id: member.userId,
        seq,
        kind: 'grant',
        amount: 1,
        balance_before: before,
        balance_after: before + 1,
        cause: 'campaign',
        effect_key: `grant:${id}`,
        grant_id: id,
        created_at: now,
      })
      .execute();
    await tx
      .updateTable('users')
      .set({ quota_remaining: before + 1, ledger_seq: seq })
      .where('id', '=', member.userId)
      .execute();
  });
}

export type TestChain = { raw: RawDatabase; seal(): Promise<{ rows: number; blocks: number }> };

/** Seals until nothing is left, as the worker does. */
export function openChain(database: { db: Db; databaseUrl: string }, clock: Clock): TestChain {
  const raw = openRaw(database.databaseUrl);
  const sealer = createSealer({ db: database.db, raw, clock });
  return {
    raw,
    seal: async () => {
      const all = { rows: 0, blocks: 0 };
      for (let done = await sealer.run(); done.rows > 0; done = await sealer.run()) {
        all.rows += done.rows;
        all.blocks += done.blocks;
      }
      return all;
    },
  };
}

/** Sealed ids of a source in the order of the chain. */
export async function countSealed(db: Db): Promise<number> {
  const { rows } = await sql<{
    rows: number;
  }>`SELECT COALESCE(SUM(row_count), 0) AS \`rows\` FROM audit_blocks`.execute(db);
  return Number(rows[0]?.rows);
}
