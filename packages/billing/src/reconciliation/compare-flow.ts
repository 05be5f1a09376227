import type { Db } from '@yunshang/db';
import { openBill } from './bill/bill-file.ts';
import { FUND_FLOW_BILL, type FlowRow } from './bill/fund-flow-bill.ts';
import { type BillEnd, readBill } from './bill/read-bill.ts';
import { finding } from './exception.ts';
import { listKnownBusiness } from './known.store.ts';
import type { FlowBook } from './match-flow.ts';
import { add, type Tally } from './tally.ts';

/** Compares an intact fund flow with what the trade bill has said, and what neither knows with our books. */
export async function compareFlow(
  deps: { db: Db; mchid: string },
  book: FlowBook,
  into: { path: string; tally: Tally; onRows: () => Promise<void> },
): Promise<BillEnd> {
  const { counts, sums, findings } = into.tally;
  return readBill(openBill(into.path), FUND_FLOW_BILL, async (rows) => {
    const judged = book.judge(rows);
    findings.push(...judged.findings);
    add(counts, 'movements', rows.length);
    for (const { amountFen } of rows) add(sums, amountFen < 0 ? 'movedOutFen' : 'movedInFen', Math.abs(amountFen));
    const known = await listKnownBusiness(deps.db, deps.mchid, [
      ...new Set(judged.strangers.map(({ businessId }) => businessId)),
    ]);
    // Entered a day later than it was traded.
    add(counts, 'movementsOfOtherDays', judged.strangers.filter(({ businessId }) => known.has(businessId)).length);
    findings.push(...judged.strangers.filter(({ businessId }) => !known.has(businessId)).map(unknownMovement));
    await into.onRows();
  });
}

function unknownMovement(row: FlowRow) {
  const details = { fundFlowFen: row.amountFen, flowId: row.flowId.slice(0, 64), type: row.type.slice(0, 40) };
  return finding('fund_flow_unknown', `${row.businessId}:${row.flowId}`.slice(0, 100), { details });
}
