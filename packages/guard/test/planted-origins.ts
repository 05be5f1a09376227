import { type Db, newId, toJson } from '@yunshang/db';
import { sql } from 'kysely';
import type { PlantedCase } from './planted.ts';
import { at, NOW, type World } from './world.ts';

/** Every case is undone before the next. */
const FORGED = newId();

type NewGrant = { source: 'signup' | 'promotion' | 'compensation'; effectKey: string; amount?: number };

/** A grant with its ledger row and balance, as somebody who knows the books would forge it. */
async function forge(db: Db, world: World, { source, effectKey, amount = 50 }: NewGrant): Promise<void> {
  const id = FORGED;
  const grant = { id, user_id: world.userId, source, amount, remaining: amount, effect_key: effectKey };
  await db
    .insertInto('quota_grants')
    .values({ ...grant, expires_at: at(60), created_at: NOW })
    .execute();
  await db
    .insertInto('quota_logs')
    .values({
      user_id: world.userId,
      seq: 10,
      kind: 'grant',
      amount,
      balance_before: 100,
      balance_after: 100 + amount,
      cause: 'campaign_claimed',
      effect_key: `grant:${id}`,
      grant_id: id,
      created_at: NOW,
    })
    .execute();
  await db
    .updateTable('users')
    .set({ quota_remaining: 100 + amount, ledger_seq: 10 })
    .where('id', '=', world.userId)
    .execute();
}

async function approve(
  db: Db,
  asked: { kind: string; subjectId: string; by: string; payload: object },
): Promise<string> {
  const id = newId();
  await db
    .insertInto('approvals')
    .values({
      id,
      kind: asked.kind,
      subject_type: 'x',
      subject_id: asked.subjectId,
      payload: toJson(asked.payload),
      reason: 'because',
      requested_by: asked.by,
      status: 'approved',
      decided_by: newId(),
      created_at: NOW,
      expires_at: at(60),
      decided_at: NOW,
    })
    .execute();
  return id;
}

const forgedId = (): string => FORGED;

/** Quota that was made by hand, in every way a hand can make it. */
export function originCases(world: () => World): PlantedCase[] {
  const forged = (grant: NewGrant) => (db: Db) => forge(db, world(), grant);
  const ghost = newId();
  return [
    {
      rule: 'promotion_has_origin',
      by: 'a promotion that nobody redeemed or claimed, with all its books in order',
      plant: forged({ source: 'promotion', effectKey: 'promotion:by-hand' }),
      id: forgedId,
    },
    {
      rule: 'promotion_has_origin',
      by: 'a claim of a campaign that gives less',
      plant: async (db) => {
        const { userId, campaign } = world();
        const effectKey = `campaign:${campaign}:${userId}`;
        await forge(db, world(), { source: 'promotion', effectKey, amount: 6 });
        const claim = { campaign_id: campaign, user_id: userId, grant_id: FORGED, created_at: NOW };
        await db.insertInto('campaign_claims').values(claim).execute();
        await db.updateTable('campaigns').set({ claimed: 1 }).where('id', '=', campaign).execute();
      },
      id: forgedId,
    },
    {
      rule: 'promotion_has_origin',
      by: 'a redeemed code of somebody else',
      plant: async (db) => {
        const { batch, code } = world();
        await forge(db, world(), { source: 'promotion', effectKey: `code:${code}:2`, amount: 5 });
        const use = { code_id: code, use_no: 2, batch_id: batch, user_id: ghost, user_no: 1, grant_id: FORGED };
        await db
          .insertInto('code_uses')
          .values({ ...use, created_at: NOW })
          .execute();
        await db.updateTable('redemption_codes').set({ uses: 2 }).where('id', '=', code).execute();
      },
      id: forgedId,
    },
    {
      rule: 'signup_is_once',
      by: 'a second sign-up grant under another key',
      plant: forged({ source: 'signup', effectKey: `signup:${ghost}` }),
      id: forgedId,
    },
    {
      rule: 'compensation_has_origin',
      by: 'a compensation that nobody gave',
      plant: forged({ source: 'compensation', effectKey: `goodwill:${ghost}` }),
      id: forgedId,
    },
    {
      rule: 'compensation_has_origin',
      by: 'a compensation that somebody gave to themselves',
      plant: async (db) => {
        const { userId } = world();
        await forge(db, world(), { source: 'compensation', effectKey: `goodwill:${ghost}` });
        const given = { id: ghost, user_id: userId, given_by: userId, amount: 50, grant_days: 7, reason: 'because' };
        await db
          .insertInto('compensations')
          .values({ ...given, grant_id: FORGED, created_at: NOW })
          .execute();
      },
      id: forgedId,
    },
    {
      rule: 'purchase_is_of_order',
      by: 'a purchase under the key of another order',
      plant: (db) =>
        db
          .updateTable('quota_grants')
          .set({ effect_key: `order:${world().closedOrder}` })
          .where('id', '=', world().purchase)
          .execute(),
      id: () => world().purchase,
    },
    {
      rule: 'code_uses_are_counted',
      by: 'a code that was set back',
      plant: (db) => db.updateTable('redemption_codes').set({ uses: 0 }).where('id', '=', world().code).execute(),
      id: () => String(world().code),
    },
    {
      rule: 'codes_are_of_batch',
      by: 'a code that was slipped into a batch',
      plant: (db) =>
        db
          .insertInto('redemption_codes')
          .values({ batch_id: world().batch, code_hash: Buffer.alloc(32), max_uses: 1 })
          .execute(),
      id: () => world().batch,
    },
    {
      rule: 'codes_are_of_batch',
      by: 'a code that can be used more often than its batch says',
      plant: (db) => db.updateTable('redemption_codes').set({ max_uses: 9 }).where('id', '=', world().code).execute(),
      id: () => world().batch,
    },
    {
      rule: 'code_limit_holds',
      by: 'a member who redeemed more than one may',
      plant: (db) =>
        db.updateTable('code_batches').set({ per_user_limit: 0 }).where('id', '=', world().batch).execute(),
      id: () => `${world().batch} ${world().userId}`,
    },
    {
      rule: 'campaign_claims_are_counted',
      by: 'a campaign that counts a claim nobody made',
      plant: (db) => db.updateTable('campaigns').set({ claimed: 1 }).where('id', '=', world().campaign).execute(),
      id: () => world().campaign,
    },
    {
      rule: 'approval_covers_promotion',
      by: 'a batch larger than what was approved',
      plant: async (db) => {
        const { batch, userId } = world();
        const payload = { quota: 5, grantDays: 1, codeCount: 1, usesPerCode: 1 };
        const approvalId = await approve(db, { kind: 'code_batch', subjectId: batch, by: userId, payload });
        await db.updateTable('code_batches').set({ approval_id: approvalId }).where('id', '=', batch).execute();
      },
      id: () => world().batch,
    },
    {
      rule: 'approval_covers_promotion',
      by: 'a campaign that borrows the approval of another',
      plant: async (db) => {
        const { campaign, userId } = world();
        const payload = { quota: 5, grantDays: 1, totalCap: 9 };
        const approvalId = await approve(db, { kind: 'promotion', subjectId: ghost, by: userId, payload });
        await db.updateTable('campaigns').set({ approval_id: approvalId }).where('id', '=', campaign).execute();
      },
      id: () => world().campaign,
    },
    {
      rule: 'months_are_months',
      by: 'a plan by the month that lasted for years',
      plant: (db) =>
        db
          .updateTable('orders')
          .set({
            plan_snapshot: sql<string>`JSON_SET(plan_snapshot, '$.periodDays', NULL, '$.periodMonths', 1)`,
            bought_ms: 90 * 86_400_000,
          })
          .where('id', '=', world().paidOrder)
          .execute(),
      id: () => world().paidOrder,
    },
  ];
}
