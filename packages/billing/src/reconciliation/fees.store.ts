import type { Tx } from '@yunshang/db';
import { costOfUnits, MICRO_YUAN_PER_FEN } from '../costs/amount.ts';
import { FEE_ITEM } from '../costs/payment-fee.ts';
import { type Finding, finding } from './exception.ts';

/** What a bill says that a payment, or the refund of one, cost us. */
export type BilledFee = {
  /** WeChat's number. */
  number: string;
  orderId: string;
  userId: string;
  microYuan: number;
  /** What it is a fee of, in fen; negative for a refund. */
  amountFen: number;
  at: Date;
};

/**
 * Settles these fees at what the bill says, once: what was settled at another figure before stays and is a difference. One that nobody
 * has estimated is booked as the bill has it.
 */
export async function settleFees(
  tx: Tx,
  fees: readonly BilledFee[],
  of: { price: number | undefined; now: Date },
): Promise<Finding[]> {
  if (fees.length === 0) return [];
  const booked = await readBooked(tx, fees);
  const rows = fees.flatMap((fee) => {
    const key = `wechat_fee:${fee.number}`;
    const [estimate, settlement] = [booked.get(`${key}:estimate`), booked.get(`${key}:settle`)];
    if (settlement !== undefined) return [];
    return [
      ...(estimate === undefined
        ? [entry(fee, { kind: 'estimate', amount: fee.microYuan, key: `${key}:estimate` })]
        : []),
      entry(fee, { kind: 'settlement', amount: fee.microYuan - (estimate ?? fee.microYuan), key: `${key}:settle` }),
    ];
  });
  if (rows.length > 0)
    await tx
      .insertInto('cost_entries')
      .values(rows.map((row) => ({ ...row, posted_at: of.now })))
      .execute();
  return fees.flatMap((fee) => differenceOf(fee, { booked, price: of.price }));
}

async function readBooked(tx: Tx, fees: readonly BilledFee[]): Promise<ReadonlyMap<string, number>> {
  const keys = fees.flatMap(({ number }) => [`wechat_fee:${number}:estimate`, `wechat_fee:${number}:settle`]);
  const rows = await tx
    .selectFrom('cost_entries')
    .select(['effect_key', 'amount_micro_yuan'])
    .where('effect_key', 'in', keys)
    .execute();
  return new Map(rows.map((row) => [row.effect_key, row.amount_micro_yuan]));
}

function differenceOf(
  fee: BilledFee,
  { booked, price }: { booked: ReadonlyMap<string, number>; price: number | undefined },
): Finding[] {
  const key = `wechat_fee:${fee.number}`;
  const settlement = booked.get(`${key}:settle`);
  const settled = settlement === undefined ? undefined : settlement + (booked.get(`${key}:estimate`) ?? 0);
  const wanted = price === undefined || fee.amountFen < 0 ? undefined : costOfUnits(price, fee.amountFen);
  // WeChat Pay rounds to the fen.
  const isAsPriced = wanted === undefined || Math.abs(wanted - fee.microYuan) < MICRO_YUAN_PER_FEN;
  if (isAsPriced && (settled === undefined || settled === fee.microYuan)) return [];
  const details = {
    thereMicroYuan: fee.microYuan,
    pricedMicroYuan: wanted ?? null,
    settledMicroYuan: settled ?? null,
  };
  return [finding('fee_differs', fee.number, { orderId: fee.orderId, details })];
}

function entry(fee: BilledFee, of: { kind: 'estimate' | 'settlement'; amount: number; key: string }) {
  return {
    kind: of.kind,
    item: FEE_ITEM,
    vendor: 'wechat_pay',
    amount_micro_yuan: of.amount,
    order_id: fee.orderId,
    user_id: fee.userId,
    effect_key: of.key,
    occurred_at: fee.at,
  };
}
