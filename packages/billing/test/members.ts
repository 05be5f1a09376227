import { randomBytes } from 'node:crypto';
import { type Db, finishJob, inTransaction, newId, promiseJob, toJson, type Tx } from '@yunshang/db';
import { runDoctor } from '@yunshang/guard';
import { expect } from 'vitest';
import { appendMovements, grantQuota, lockUser, refundCharge, settleCharge } from '../src/index.ts';
import { burn } from '../src/quota/quota.ts';

export const DAY_MS = 86_400_000;

/** A member with nothing. */
export async function makeMember(db: Db, now: Date): Promise<string> {
  const id = newId();
  await db
    .insertInto('users')
    .values({
      id,
      account_id: id.slice(-12),
      phone_enc: randomBytes(32),
      phone_key_version: 1,
      phone_index: randomBytes(32),
      created_at: now,
      updated_at: now,
    })
    .execute();
  return id;
}

/** Gives quota away by a campaign of one account; returns the grant's id. */
export function giveQuota(
  db: Db,
  userId: string,
  gift: { amount: number; days: number; now: Date; campaignId?: string },
): Promise<string> {
  const { amount, days, now, campaignId = newId() } = gift;
  return inTransaction(db, async (tx) => {
    const user = await lockUser(tx, userId);
    await tx
      .insertInto('campaigns')
      .ignore()
      .values({
        id: campaignId,
        title: '周年庆',
        audience: 'members',
        delivery: 'claim',
        quota: amount,
        grant_days: days,
        total_cap: 1,
        claimed: 1,
        starts_at: now,
        ends_at: new Date(now.getTime() + DAY_MS),
        status: 'open',
        created_by: userId,
        created_at: now,
      })
      .execute();
    const { grantId } = await grantQuota(tx, user, {
      source: 'promotion',
      amount,
      expiresAt: new Date(now.getTime() + days * DAY_MS),
      effectKey: `campaign:${campaignId}:${userId}`,
      cause: 'campaign_claimed',
      now,
    });
    const claim = { campaign_id: campaignId, user_id: userId, grant_id: grantId, created_at: now };
    await tx.insertInto('campaign_claims').values(claim).execute();
    return grantId;
  });
}

export type Held = { chargeId: string; taskId: string; userId: string };

/** A pending task with its held charge, as admission writes them. */
export function holdCharge(db: Db, userId: string, { amount, now }: { amount: number; now: Date }): Promise<Held> {
  const held = { chargeId: newId(), taskId: newId(), userId };
  return inTransaction(db, async (tx) => {
    const user = await lockUser(tx, userId);
    const rows = await tx.selectFrom('quota_grants').selectAll().where('user_id', '=', userId).execute();
    const grants = rows.map((row) => ({ id: row.id, remaining: row.remaining, expiresAt: row.expires_at }));
    const parts = burn(grants, amount, now);
    if (parts === undefined) throw new Error('not enough quota for the fixture');
    for (const part of parts)
      await tx
        .updateTable('quota_grants')
        .set((eb) => ({ remaining: eb('remaining', '-', part.amount) }))
        .where('id', '=', part.grantId)
        .execute();
    await insertTask(tx, held, { amount, now });
    await tx
      .insertInto('quota_allocations')
      .values(
        parts.map((part) => ({
          charge_id: held.chargeId,
          grant_id: part.grantId,
          direction: 'spend' as const,
          amount: part.amount,
          created_at: now,
        })),
      )
      .execute();
    const { chargeId, taskId } = held;
    const effectKey = `charge:${chargeId}`;
    const movement = { kind: 'charge' as const, amount: -amount, cause: 'task_created', effectKey, chargeId, taskId };
    await appendMovements(tx, user, { movements: [movement], now });
    return held;
  });
}

async function insertTask(tx: Tx, held: Held, { amount, now }: { amount: number; now: Date }): Promise<void> {
  await tx
    .insertInto('quota_charges')
    .values({
      id: held.chargeId,
      user_id: held.userId,
      task_id: held.taskId,
      amount,
      status: 'held',
      created_at: now,
    })
    .execute();
  const { seq } = await tx
    .selectFrom('tasks')
    .select((eb) => eb.fn.countAll<number>().as('seq'))
    .where('user_id', '=', held.userId)
    .executeTakeFirstOrThrow();
  await tx
    .insertInto('tasks')
    .values({
      id: held.taskId,
      user_id: held.userId,
      feature_id: 'basic_clean',
      feature_seq: seq + 1,
      charge_id: held.chargeId,
      quota_cost: amount,
      form_version: 1,
      pipeline_version: 1,
      input: toJson({}),
      status: 'pending',
      stage: 'queued',
      eligible_for_refund: 1,
      refunded: 0,
      deadline_at: new Date(now.getTime() + DAY_MS),
      created_at: now,
    })
    .execute();
  const payload = { taskId: held.taskId };
  await promiseJob(tx, { job: 'task.run', payload, dedupKey: `task:${held.taskId}`, now });
}

/** The task fails and its charge is refunded, in one transaction; gives what was refunded. */
export async function failTask(db: Db, held: Held, now: Date): Promise<number | undefined> {
  const refunded = await inTransaction(db, async (tx) => {
    await lockUser(tx, held.userId);
    await tx.selectFrom('tasks').select('id').where('id', '=', held.taskId).forUpdate().execute();
    await tx
      .updateTable('tasks')
      .set({ status: 'failed', refunded: 1, failure_code: 'PROVIDER_FAILED', finished_at: now })
      .where('id', '=', held.taskId)
      .where('status', 'in', ['pending', 'processing'])
      .execute();
    return (await refundCharge(tx, { userId: held.userId, chargeId: held.chargeId, cause: 'task_failed', now }))
      .refunded;
  });
  await forgetJob(db, held);
  return refunded;
}

/** The task succeeds and its charge is settled, in one transaction. */
export async function finishTask(db: Db, held: Held, now: Date): Promise<void> {
  await inTransaction(db, async (tx) => {
    await lockUser(tx, held.userId);
    await tx
      .updateTable('tasks')
      .set({ status: 'succeeded', finished_at: now })
      .where('id', '=', held.taskId)
      .where('status', 'in', ['pending', 'processing'])
      .execute();
    await settleCharge(tx, { chargeId: held.chargeId, now });
  });
  await forgetJob(db, held);
}

async function forgetJob(db: Db, held: Held): Promise<void> {
  const job = await db
    .selectFrom('outbox')
    .select('id')
    .where('dedup_key', '=', `task:${held.taskId}`)
    .executeTakeFirst();
  if (job !== undefined) await finishJob(db, job.id);
}

/** The invariants hold for everything a test file has done. */
export async function expectHealthy(db: Db, now: Date): Promise<void> {
  expect(await runDoctor(db, { now })).toEqual([]);
}

/** What the worker does once it has carried refunds to their end. */
export async function finishRefundJobs(db: Db, orderId: string): Promise<void> {
  const refunds = await db
    .selectFrom('order_refunds')
    .select(['id', 'is_open'])
    .where('order_id', '=', orderId)
    .execute();
  for (const { id, is_open } of refunds)
    if (is_open === null) await db.deleteFrom('outbox').where('dedup_key', '=', `refund:${id}`).execute();
}
