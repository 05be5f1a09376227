import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Clock, Db } from '@yunshang/db';
import { dayStart } from '../calendar/calendar.ts';
import type { BillGateway, BillKind } from '../payments/wechat/bill.gateway.ts';
import type { BillEnd } from './bill/read-bill.ts';
import { listPaymentsBetween } from './billed.store.ts';
import { compareFlow } from './compare-flow.ts';
import { compareTrade, type TradeRun } from './compare-trade.ts';
import { type Finding, finding } from './exception.ts';
import { type BillArchive, fetchBill, type FetchedBill } from './fetch-bill.ts';
import type { HealDeps } from './heal.ts';
import { createFlowBook, type FlowBook } from './match-flow.ts';
import { isComplete, judgeBillEnd, newTally, type Tally } from './tally.ts';

export type CompareDeps = HealDeps & { db: Db; clock: Clock; bills: BillGateway; archive: BillArchive };

export type DayRun = {
  id: string;
  day: string;
  onProgress: () => Promise<void>;
  /** Writes a difference down at once. */
  keep: (found: Finding) => Promise<void>;
};

/** `isComplete`: both bills said all they had to say, so that what was not found is not there. */
export type Compared = { tally: Tally; isComplete: boolean };

const DAY_MS = 86_400_000;

/** Compares a day's bills with our books. `creating`: a bill is not there yet, and nothing has been compared. */
export async function compareDay(deps: CompareDeps, run: DayRun): Promise<Compared | 'creating'> {
  const folder = await mkdtemp(join(tmpdir(), 'yunshang-bills-'));
  try {
    const trade = await fetchBill(deps, { kind: 'trade', day: run.day, folder });
    const flow = await fetchBill(deps, { kind: 'fund_flow', day: run.day, folder });
    if (trade.state === 'creating' || flow.state === 'creating') return 'creating';
    return await compareFetched(deps, run, { trade, flow });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

type Fetched = Exclude<FetchedBill, { state: 'creating' }>;

async function compareFetched(
  deps: CompareDeps,
  run: DayRun,
  { trade, flow }: { trade: Fetched; flow: Fetched },
): Promise<Compared> {
  const tally = newTally();
  const book = createFlowBook();
  const from = dayStart(run.day);
  const span = { from, to: new Date(from.getTime() + DAY_MS) };
  const tradeRun: TradeRun = {
    day: run.day,
    span,
    onRows: async (rows) => {
      book.expect(rows);
      await run.onProgress();
    },
  };
  const healing = { ...deps, keep: run.keep, requestId: `reconcile:${run.id}` };
  const tradeEnd =
    trade.state === 'ready' ? await compareTrade(healing, tradeRun, { path: trade.path, tally }) : undefined;
  note(tally, { kind: 'trade', day: run.day }, { bill: trade, end: tradeEnd });
  if (trade.state === 'absent') await judgeAbsence(deps, { span, day: run.day, tally });
  const flowEnd = await flowOf(deps, book, { flow, tally, onRows: run.onProgress });
  note(tally, { kind: 'fund_flow', day: run.day }, { bill: flow, end: flowEnd });
  const isTradeWhole = tradeEnd === undefined ? trade.state === 'absent' : isComplete(tradeEnd);
  const isFlowWhole = flowEnd === undefined ? flow.state === 'absent' : isComplete(flowEnd);
  if (isTradeWhole && isFlowWhole && flow.state === 'ready') tally.findings.push(...book.missing({ end: span.to }));
  if (trade.state === 'ready' && flow.state === 'absent')
    tally.findings.push(finding('bill_absent', `fund_flow:${run.day}`));
  return { tally, isComplete: isTradeWhole && isFlowWhole };
}

async function flowOf(
  deps: CompareDeps,
  book: FlowBook,
  of: { flow: Fetched; tally: Tally; onRows: () => Promise<void> },
): Promise<BillEnd | undefined> {
  if (of.flow.state !== 'ready') return undefined;
  const { mchid } = deps.wechat.merchant;
  return compareFlow({ db: deps.db, mchid }, book, { path: of.flow.path, tally: of.tally, onRows: of.onRows });
}

/** Writes down what the bill was, and what is wrong with it as a whole. */
function note(
  tally: Tally,
  of: { kind: BillKind; day: string },
  { bill, end }: { bill: Fetched; end: BillEnd | undefined },
): void {
  const subject = `${of.kind}:${of.day}`;
  const isThere = bill.state !== 'absent';
  tally.bills.push({
    kind: of.kind,
    state: bill.state,
    sha1: isThere ? bill.sha1 : null,
    bytes: isThere ? bill.bytes : 0,
    rows: end?.rows ?? 0,
    object: isThere ? bill.object : null,
  });
  if (bill.state === 'damaged')
    tally.findings.push(finding('bill_hash_differs', subject, { details: { why: bill.why } }));
  if (end !== undefined) tally.findings.push(...judgeBillEnd(end, subject));
}

/** WeChat Pay says that nothing was traded. */
async function judgeAbsence(
  deps: CompareDeps,
  { span, day, tally }: { span: { from: Date; to: Date }; day: string; tally: Tally },
): Promise<void> {
  const { mchid } = deps.wechat.merchant;
  const [first] = await listPaymentsBetween(deps.db, { mchid, span, after: undefined, limit: 1 });
  if (first === undefined) return;
  const details = { transactionId: first.transactionId };
  tally.findings.push(finding('bill_absent', `trade:${day}`, { orderId: first.orderId, details }));
}
