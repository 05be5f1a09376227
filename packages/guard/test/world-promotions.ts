import { randomBytes } from 'node:crypto';
import type { Tx } from '@yunshang/db';
import { at, NOW, type World } from './world.ts';

/** The code that the world's promotion was redeemed with, and a campaign nobody has claimed. */
export async function insertPromotions(tx: Tx, { batch, code, campaign, userId, promotion }: World): Promise<void> {
  const made = { title: '礼包', quota: 5, grant_days: 1, created_by: userId, created_at: NOW };
  const codes = { code_count: 1, uses_per_code: 2, per_user_limit: 1, expires_at: at(60), issued_at: NOW };
  await tx
    .insertInto('code_batches')
    .values({ ...made, ...codes, id: batch, status: 'issued' })
    .execute();
  const hash = { batch_id: batch, code_hash: randomBytes(32), uses: 1, max_uses: 2 };
  await tx
    .insertInto('redemption_codes')
    .values({ ...hash, id: code })
    .execute();
  const use = { code_id: code, use_no: 1, batch_id: batch, user_id: userId, user_no: 1, grant_id: promotion };
  await tx
    .insertInto('code_uses')
    .values({ ...use, created_at: NOW })
    .execute();
  const window = { audience: 'members', delivery: 'claim', status: 'open', starts_at: NOW, ends_at: at(60) } as const;
  await tx
    .insertInto('campaigns')
    .values({ ...made, ...window, id: campaign, total_cap: 9 })
    .execute();
}
