import { isDuplicate, sqlValue, type Db, type Tx } from '@yunshang/db';
import { sql } from 'kysely';

/** What one thing is going to cost, before anybody has said. */
export type NewCost = {
  /** Names the thing, `attempt:<id>` for one: it is estimated once and settled once. */
  subject: string;
  item: string;
  vendor: string;
  amountMicroYuan: number;
  /** Null where the price is not from the list. */
  unitPriceId: string | null;
  providerRef?: string;
  attemptId?: string;
  taskId?: string;
  featureId?: string;
  userId?: string;
  orderId?: string;
  occurredAt: Date;
  now: Date;
};

/** Books the estimate in the transaction that makes the cost unavoidable. A second one of the subject is refused by a unique key. */
export async function bookEstimate(tx: Tx, cost: NewCost): Promise<void> {
  await tx
    .insertInto('cost_entries')
    .values({
      kind: 'estimate',
      item: cost.item,
      vendor: cost.vendor,
      provider_ref: cost.providerRef ?? null,
      amount_micro_yuan: cost.amountMicroYuan,
      unit_price_id: cost.unitPriceId,
      attempt_id: cost.attemptId ?? null,
      task_id: cost.taskId ?? null,
      feature_id: cost.featureId ?? null,
      user_id: cost.userId ?? null,
      order_id: cost.orderId ?? null,
      effect_key: estimateKey(cost.subject),
      occurred_at: cost.occurredAt,
      posted_at: cost.now,
    })
    .execute();
}

/**
 * The vendor has said what the subject cost in all: books the difference to its estimate, once. False when it was settled before, whatever
 * was said then. Throws for a subject that was never estimated.
 */
export async function settleCost(
  tx: Tx,
  { subject, microYuan, now }: { subject: string; microYuan: number; now: Date },
): Promise<boolean> {
  if (!Number.isSafeInteger(microYuan) || microYuan < 0) throw new RangeError(`nothing costs ${microYuan}`);
  try {
    const { numInsertedOrUpdatedRows } = await tx
      .insertInto('cost_entries')
      .columns(COLUMNS)
      .expression((eb) =>
        eb
          .selectFrom('cost_entries')
          .select([
            sql.lit('settlement').as('kind'),
            'item',
            'vendor',
            'provider_ref',
            sql<number>`${sql.raw(sqlValue(microYuan))} - amount_micro_yuan`.as('amount_micro_yuan'),
            'unit_price_id',
            'attempt_id',
            'task_id',
            'feature_id',
            'user_id',
            'order_id',
            sql`${`${subject}:settle`}`.as('effect_key'),
            'occurred_at',
            sql`${now}`.as('posted_at'),
          ])
          .where('effect_key', '=', estimateKey(subject)),
      )
      .executeTakeFirst();
    if ((numInsertedOrUpdatedRows ?? 0n) === 0n) throw new Error(`${subject} is settled without its estimate`);
    return true;
  } catch (error) {
    if (isDuplicate(error, 'uq_cost_entries_effect')) return false;
    throw error;
  }
}

/** What a unit of the subject costs by the price it was estimated at; undefined without an estimate by the price list. */
export async function findEstimatedPrice(db: Db, subject: string): Promise<number | undefined> {
  const row = await db
    .selectFrom('cost_entries as c')
    .innerJoin('unit_prices as p', 'p.id', 'c.unit_price_id')
    .select('p.micro_yuan')
    .where('c.effect_key', '=', estimateKey(subject))
    .executeTakeFirst();
  return row?.micro_yuan;
}

/** When the first cost was booked. */
export async function firstCostAt(db: Db): Promise<Date | undefined> {
  const row = await db.selectFrom('cost_entries').select('posted_at').orderBy('id').limit(1).executeTakeFirst();
  return row?.posted_at;
}

const COLUMNS = [
  'kind',
  'item',
  'vendor',
  'provider_ref',
  'amount_micro_yuan',
  'unit_price_id',
  'attempt_id',
  'task_id',
  'feature_id',
  'user_id',
  'order_id',
  'effect_key',
  'occurred_at',
  'posted_at',
] as const;

function estimateKey(subject: string): string {
  return `${subject}:estimate`;
}
