import { sql } from 'kysely';
import type { Db } from '@yunshang/db';
import { safeSum } from '../costs/amount.ts';
import { finding } from '../reconciliation/exception.ts';
import { newAccountTally, type ConsumptionBook, type ConsumptionDay } from './consumption-book.ts';

/** Names it in differences and alerts. */
export const SMS_ACCOUNT = 'tencent_sms';
/** A message is charged for a little later than it was booked: near midnight either day may be right. */
const EDGE_MS = 5 * 60_000;
const HOUR_MS = 3_600_000;
const CODE = /^[A-Za-z][\w.]{0,79}$/;

export type SmsBookDeps = {
  db: Db;
  /** Segments charged for in these whole hours, both ends included. Rejects when the vendor can not be read. */
  charged: (hours: { first: Date; last: Date }) => Promise<number>;
};

/** Segments that the vendor charged for, by its statistics, against those booked: of the day as a whole, since it names no message. */
export function createSmsBook({ db, charged }: SmsBookDeps): ConsumptionBook {
  return {
    account: SMS_ACCOUNT,
    compare: async ({ day, span }) => {
      const compared = newAccountTally();
      const { sure, open } = await sumSegments(db, span);
      const hours = { first: span.from, last: new Date(span.to.getTime() - HOUR_MS) };
      const there = await charged(hours).catch((error: unknown) => ({ unread: whyOf(error) }));
      compared.counts['segmentsHere'] = sure + open;
      if (typeof there !== 'number') return { ...compared, unread: there.unread };
      compared.counts['segmentsThere'] = there;
      if (there >= sure && there <= sure + open) return compared;
      const details = { account: SMS_ACCOUNT, thereSegments: there, hereSegments: sure, hereOpenSegments: open };
      const kind = there < sure ? 'cost_unknown_there' : 'cost_missing';
      return { ...compared, findings: [finding(kind, `${SMS_ACCOUNT}:${day}`, { details })] };
    },
  };
}

/** Codes alone: what a library says may carry the request. */
function whyOf(error: unknown): string {
  const code = typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : '';
  return CODE.test(code) ? code : 'no_answer';
}

/** `sure`: settled, and the day's beyond doubt. `open`: without an answer of the vendor, or booked within minutes of midnight. */
async function sumSegments(db: Db, { from, to }: ConsumptionDay['span']): Promise<{ sure: number; open: number }> {
  const [edge, last] = [new Date(from.getTime() + EDGE_MS), new Date(to.getTime() - EDGE_MS)];
  const segments = sql`COALESCE((e.amount_micro_yuan + COALESCE(s.amount_micro_yuan, 0)) DIV NULLIF(p.micro_yuan, 0), 1)`;
  const isSure = sql`s.id IS NOT NULL AND e.posted_at >= ${edge} AND e.posted_at < ${last}`;
  const { rows } = await sql<{ sure: string | null; open: string | null }>`
    SELECT SUM(CASE WHEN ${isSure} THEN ${segments} ELSE 0 END) AS sure,
      SUM(CASE WHEN ${isSure} THEN 0 ELSE ${segments} END) AS open
    FROM cost_entries AS e
    JOIN unit_prices AS p ON p.id = e.unit_price_id
    LEFT JOIN cost_entries AS s ON s.effect_key = CONCAT(LEFT(e.effect_key, LENGTH(e.effect_key) - 9), ':settle')
    WHERE e.item = 'sms:segment' AND e.kind = 'estimate'
      AND e.posted_at >= ${new Date(from.getTime() - EDGE_MS)} AND e.posted_at < ${new Date(to.getTime() + EDGE_MS)}`.execute(
    db,
  );
  return { sure: safeSum(rows[0]?.sure), open: safeSum(rows[0]?.open) };
}
