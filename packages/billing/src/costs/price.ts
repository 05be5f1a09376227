import { PRICE_ITEMS, type PriceUnit } from '@yunshang/contracts';

/** What one unit of something costs us while it holds: from `validFrom` on, until before `validTo` where that is set. */
export type UnitPrice = {
  readonly id: string;
  readonly item: string;
  readonly unit: PriceUnit;
  readonly microYuan: number;
  readonly validFrom: Date;
  readonly validTo: Date | null;
};

/**
 * A price begins at least this much later than it is written: every process has read it by then, so what is called costs what
 * holds at that moment whoever calls.
 */
export const PRICE_LEAD_MS = 60_000;

const PROVIDER = 'provider:';
/** As long as unit_prices.item. */
const LONGEST_ITEM = 80;

/** What a call to that provider is booked under when nothing finer has a price. */
export function providerItem(providerRef: string): string {
  return `${PROVIDER}${providerRef}`;
}

/** Where the price of a call is looked for: that of the endpoint, then that of the provider. */
export function providerItems(providerRef: string, endpoint: string): string[] {
  const finer = `${providerItem(providerRef)}:${endpoint}`;
  return finer.length <= LONGEST_ITEM ? [finer, providerItem(providerRef)] : [providerItem(providerRef)];
}

/** The provider an item is about; undefined for the others. */
export function providerOf(item: string): string | undefined {
  return item.startsWith(PROVIDER) ? item.slice(PROVIDER.length).split(':', 1)[0] : undefined;
}

/** What a unit of the item is. */
export function unitOf(item: string): PriceUnit {
  return PRICE_ITEMS.find((known) => known.item === item)?.unit ?? 'call';
}

/** The first of these items that has a price at that time. */
export function priceAt(prices: readonly UnitPrice[], items: readonly string[], time: Date): UnitPrice | undefined {
  const holding = prices.filter(
    ({ validFrom, validTo }) => validFrom <= time && (validTo === null || validTo.getTime() > time.getTime()),
  );
  for (const item of items) {
    const price = holding.find((candidate) => candidate.item === item);
    if (price !== undefined) return price;
  }
  return undefined;
}
