import { newTally, type Tally } from '../reconciliation/tally.ts';
import type { Finding } from '../reconciliation/exception.ts';

export type ConsumptionDay = {
  /** In Asia/Shanghai, with its beginning and its end. */
  day: string;
  span: { from: Date; to: Date };
  onProgress: () => Promise<void>;
  /** Writes a difference down at once: before it is mended, and after. */
  keep: (found: Finding) => Promise<void>;
};

/** `unread`: why the vendor could not be read, in a word; what it said before that is compared nevertheless. */
export type AccountCompared = Pick<Tally, 'findings' | 'counts' | 'sums'> & { unread: string | null };

/** One account at a vendor that says what it consumed. Rejects only for trouble of our own. */
export type ConsumptionBook = {
  /** Names it in differences. */
  readonly account: string;
  compare(day: ConsumptionDay): Promise<AccountCompared>;
};

export function newAccountTally(): AccountCompared {
  const { findings, counts, sums } = newTally();
  return { findings, counts, sums, unread: null };
}
