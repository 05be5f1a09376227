import type { Balance, Bilingual } from '@yunshang/contracts';
import { type Db, fromJson } from '@yunshang/db';
import { z } from 'zod';
import { titleOf } from './grant-title.ts';

const soldPlan = z.object({ title: z.string(), titleEn: z.string() });

/** Grants with what they came from. */
function grants(db: Db) {
  return db
    .selectFrom('quota_grants as g')
    .leftJoin('orders as o', 'o.id', 'g.order_id')
    .leftJoin('code_uses as u', 'u.grant_id', 'g.id')
    .leftJoin('code_batches as b', 'b.id', 'u.batch_id')
    .leftJoin('campaign_claims as c', 'c.grant_id', 'g.id')
    .leftJoin('campaigns as p', 'p.id', 'c.campaign_id')
    .select([
      'g.id',
      'g.source',
      'g.effect_key',
      'g.order_id',
      'g.amount',
      'g.remaining',
      'g.expires_at',
      'o.plan_snapshot',
      'b.title as batch_title',
      'p.title as campaign_title',
    ]);
}

type GrantRow = Awaited<ReturnType<ReturnType<typeof grants>['execute']>>[number];

function titleOfRow(row: GrantRow): Bilingual {
  return titleOf({
    source: row.source,
    effectKey: row.effect_key,
    plan: soldPlan.safeParse(fromJson(row.plan_snapshot)).data,
    promotion: row.batch_title ?? row.campaign_title,
  });
}

/** What the member can spend at `now`, and from which grants, in the order they will be spent. */
export async function getBalance(db: Db, userId: string, now: Date): Promise<Balance> {
  const rows = await grants(db)
    .where('g.user_id', '=', userId)
    .where('g.open_until', '>', now)
    .orderBy('g.open_until')
    .orderBy('g.id')
    .execute();
  const live = rows.map((row) => ({
    id: row.id,
    source: row.source,
    title: titleOfRow(row),
    orderId: row.order_id,
    amount: row.amount,
    remaining: row.remaining,
    expiresAt: row.expires_at.toISOString(),
  }));
  return { available: live.reduce((sum, grant) => sum + grant.remaining, 0), grants: live };
}

/** Where these grants came from, in words. */
export async function nameGrants(db: Db, grantIds: readonly string[]): Promise<Map<string, Bilingual>> {
  if (grantIds.length === 0) return new Map();
  const rows = await grants(db).where('g.id', 'in', grantIds).execute();
  return new Map(rows.map((row) => [row.id, titleOfRow(row)]));
}
