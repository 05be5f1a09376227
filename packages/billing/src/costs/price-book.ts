import type { Clock, Db } from '@yunshang/db';
import { priceAt, PRICE_LEAD_MS, type UnitPrice } from './price.ts';
import { listOpenPrices } from './price.store.ts';

export type PriceBook = {
  /** The first of these items that has a price at that time, which is about now. */
  at(items: readonly string[], time: Date): Promise<UnitPrice | undefined>;
};

/** Much less than a price is known ahead of its beginning, so the book is right also while it is old. */
const FRESH_MS = PRICE_LEAD_MS / 20;
/** Work that began a little earlier, or by another machine's clock, still finds its price. */
const LOOK_BACK_MS = 10 * PRICE_LEAD_MS;

/** The price list of this process, read with one query every few seconds at most. */
export function createPriceBook(db: Db, clock: Clock): PriceBook {
  let snapshot: { at: number; prices: Promise<UnitPrice[]> } | undefined;

  function prices(): Promise<UnitPrice[]> {
    const now = clock.now().getTime();
    if (snapshot !== undefined && now - snapshot.at >= 0 && now - snapshot.at < FRESH_MS) return snapshot.prices;
    const fresh = { at: now, prices: listOpenPrices(db, new Date(now - LOOK_BACK_MS)) };
    snapshot = fresh;
    fresh.prices.catch(() => {
      if (snapshot === fresh) snapshot = undefined;
    });
    return fresh.prices;
  }

  return { at: async (items, time) => priceAt(await prices(), items, time) };
}
