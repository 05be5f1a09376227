import { type Clock, type Db, inTransaction, shanghaiDay } from '@yunshang/db';
import { FEE_ITEM } from '../costs/payment-fee.ts';
import { findPriceAt } from '../costs/price.store.ts';
import { openBill } from './bill/bill-file.ts';
import { readBill, type BillEnd } from './bill/read-bill.ts';
import { TRADE_BILL, type TradeRow } from './bill/trade-bill.ts';
import {
  listPaymentsBetween,
  listUnbilledRefunds,
  type DatedPayment,
  markBilled,
  unmarkBilled,
} from './billed.store.ts';
import { finding } from './exception.ts';
import { type BilledFee, settleFees } from './fees.store.ts';
import { creditFound, followFound, type Healing, recordFound } from './heal.ts';
import { readKnown } from './known.store.ts';
import { type Judged, judgeTradeRows } from './match-trade.ts';
import { add, type Tally } from './tally.ts';

export type TradeDeps = Healing & { db: Db; clock: Clock };
export type TradeRun = {
  day: string;
  span: { from: Date; to: Date };
  /** Told of every batch. */
  onRows: (rows: readonly TradeRow[]) => Promise<void>;
};

const DAY_MS = 86_400_000;
const PAGE = 1_000;

/** Compares an intact trade bill with our books, batch by batch, and mends what WeChat Pay confirms when it is asked. */
export async function compareTrade(
  deps: TradeDeps,
  run: TradeRun,
  into: { path: string; tally: Tally },
): Promise<BillEnd> {
  const { merchant } = deps.wechat;
  const { tally } = into;
  const seen = new Set<string>();
  const price = (await findPriceAt(deps.db, FEE_ITEM, run.span.from))?.microYuan;
  const end = await readBill(openBill(into.path), TRADE_BILL, async (rows) => {
    const known = await readKnown(deps.db, merchant.mchid, rows);
    const judged = judgeTradeRows(rows, known, { merchant, seen });
    tally.findings.push(...judged.findings);
    count(tally, judged.ours);
    await heal(deps, { judged, tally });
    await book(deps, { day: run.day, judged, price, tally });
    await run.onRows(judged.ours);
  });
  if (end.hasHeader && end.summary !== 'missing') await findMissing(deps, run, { seen, tally });
  return end;
}

function count({ counts, sums }: Tally, rows: readonly TradeRow[]): void {
  for (const { refund, amountFen, feeMicroYuan } of rows) {
    add(counts, refund === undefined ? 'paymentsThere' : 'refundsThere', 1);
    if (refund === undefined) add(sums, 'paidThereFen', amountFen);
    else if (refund.state !== 'FAIL') add(sums, 'refundedThereFen', refund.amountFen);
    add(sums, 'feesMicroYuan', feeMicroYuan);
  }
}

/** Payments come before refunds: what is refunded may have to be recorded first. What was mended counts as matched. */
async function heal(deps: TradeDeps, to: { judged: Judged; tally: Tally }): Promise<void> {
  const { judged, tally } = to;
  for (const row of judged.toCredit) tally.findings.push(...(await creditFound(deps, row)));
  for (const row of judged.toRecord) tally.findings.push(...(await recordFound(deps, row)));
  for (const row of judged.toFollow) tally.findings.push(...(await followFound(deps, row)));
  const asked = [...judged.toCredit, ...judged.toRecord];
  if (asked.length === 0) return;
  const known = await readKnown(deps.db, deps.wechat.merchant.mchid, asked);
  for (const row of judged.toCredit) {
    const payment = known.payments.get(row.transactionId);
    if (payment !== undefined) judged.matched.push({ row, payment });
  }
  for (const row of judged.toRecord) {
    const refund = known.refunds.get(row.refund.outRefundNo);
    if (refund !== undefined)
      judged.matchedRefunds.push({ row, refund, payment: known.payments.get(row.transactionId) });
  }
}

async function book(
  { db, clock }: TradeDeps,
  of: { day: string; judged: Judged; price: number | undefined; tally: Tally },
): Promise<void> {
  const { matched, matchedRefunds } = of.judged;
  const { counts } = of.tally;
  add(counts, 'paymentsMatched', matched.length);
  add(counts, 'refundsMatched', matchedRefunds.length);
  add(counts, 'refundsOfEarlierMonths', matchedRefunds.filter((one) => isOfEarlierMonth(one, of.day)).length);
  const fees = feesOf(of.judged);
  if (matched.length + matchedRefunds.length === 0) return;
  const findings = await inTransaction(db, async (tx) => {
    await markBilled(tx, {
      day: of.day,
      paymentIds: matched.map(({ payment }) => payment.id),
      refundIds: matchedRefunds.map(({ refund }) => refund.id),
    });
    return settleFees(tx, fees, { price: of.price, now: clock.now() });
  });
  of.tally.findings.push(...findings);
}

function isOfEarlierMonth({ payment }: Judged['matchedRefunds'][number], day: string): boolean {
  return payment !== undefined && shanghaiDay(payment.successTime).slice(0, 7) < day.slice(0, 7);
}

function feesOf({ matched, matchedRefunds }: Judged): BilledFee[] {
  return [
    ...matched.map(({ row, payment }) => ({
      number: row.transactionId,
      orderId: payment.orderId,
      userId: payment.userId,
      microYuan: row.feeMicroYuan,
      amountFen: payment.amountFen,
      at: row.at,
    })),
    ...matchedRefunds.flatMap(({ row, payment }) =>
      payment === undefined || row.feeMicroYuan === 0
        ? []
        : [
            {
              number: row.refund.refundId,
              orderId: payment.orderId,
              userId: payment.userId,
              microYuan: row.feeMicroYuan,
              amountFen: -row.refund.amountFen,
              at: row.at,
            },
          ],
    ),
  ];
}

/** What is here and was not in the bill. */
async function findMissing(
  deps: TradeDeps,
  run: TradeRun,
  { seen, tally }: { seen: ReadonlySet<string>; tally: Tally },
): Promise<void> {
  const { mchid } = deps.wechat.merchant;
  let after: DatedPayment | undefined;
  do {
    const page = await listPaymentsBetween(deps.db, { mchid, span: run.span, after, limit: PAGE });
    const missing = page.filter(({ transactionId }) => !seen.has(transactionId));
    await unmarkBilled(
      deps.db,
      missing.map(({ id }) => id),
    );
    for (const { transactionId, orderId, amountFen } of missing)
      tally.findings.push(finding('credited_not_there', transactionId, { orderId, details: { hereFen: amountFen } }));
    for (const { amountFen } of page) add(tally.sums, 'paidHereFen', amountFen);
    add(tally.counts, 'paymentsHere', page.length);
    after = page.length === PAGE ? page.at(-1) : undefined;
  } while (after !== undefined);
  await findMissingRefunds(deps, run, { seen, tally });
}

/** A refund is in the bill of the day on which WeChat Pay took it, and only WeChat Pay knows which that was. */
async function findMissingRefunds(
  deps: TradeDeps,
  { day, span }: TradeRun,
  { seen, tally }: { seen: ReadonlySet<string>; tally: Tally },
): Promise<void> {
  const { mchid } = deps.wechat.merchant;
  const begun = { from: new Date(span.from.getTime() - DAY_MS), to: span.to };
  for (const refund of await listUnbilledRefunds(deps.db, { mchid, span: begun, day })) {
    if (seen.has(refund.vendorRefundId)) continue;
    const there = await deps.wechat.findRefund(refund.outRefundNo);
    const takenOn = shanghaiDay(there?.acceptedAt ?? refund.at);
    if (takenOn !== day) continue;
    const details = { outRefundNo: refund.outRefundNo, hereFen: refund.amountFen, says: there?.status ?? 'unknown' };
    tally.findings.push(
      finding('refunded_here_not_there', refund.vendorRefundId, { orderId: refund.orderId, details }),
    );
  }
}
