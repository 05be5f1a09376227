import { AppError, inputInvalid, type Price } from '@yunshang/contracts';
import { inTransaction, isDuplicate, newId, recordAudit, type Actor, type Clock, type Db, type Tx } from '@yunshang/db';
import { PRICE_LEAD_MS, providerOf, unitOf, type UnitPrice } from './price.ts';
import { endPrice, insertPrice, listOpenPrices, listPricesOf, lockNewestPrice } from './price.store.ts';

export type ListPrices = { item?: string | undefined; past: boolean; cursor?: string | undefined; limit: number };
export type AddPrice = { item: string; microYuan: number; validFrom?: string | undefined; reason: string };

export type Prices = {
  /** What holds now and what will; with `item` and `past` all that ever did, newest first. */
  list(input: ListPrices): Promise<{ items: Price[]; nextCursor: string | null }>;
  /**
   * Writes the next price of an item: the one before ends where it begins, so there is neither a gap nor an overlap. Only forward: throws
   * INPUT_INVALID for a beginning less than a minute away or before that of the newest price, or for a provider that does not exist.
   */
  add(actor: Actor, input: AddPrice): Promise<Price>;
};

type Deps = { db: Db; clock: Clock; isProvider: (ref: string) => Promise<boolean> };

export function createPrices(deps: Deps): Prices {
  const { db, clock } = deps;
  return {
    list: async ({ item, past, cursor, limit }) => {
      if (!past || item === undefined) {
        const open = await listOpenPrices(db, clock.now());
        const wanted = open.filter((price) => item === undefined || price.item === item);
        return { items: wanted.sort(byItemAndStart).map(priceView), nextCursor: null };
      }
      const prices = await listPricesOf(db, { item, before: cursor, limit: limit + 1 });
      const page = prices.slice(0, limit);
      return { items: page.map(priceView), nextCursor: prices.length > limit ? (page.at(-1)?.id ?? null) : null };
    },
    add: async (actor, input) => {
      const provider = providerOf(input.item);
      if (provider !== undefined && !(await deps.isProvider(provider)))
        throw inputInvalid('item', 'provider', { zh: '没有这个供应商', en: 'there is no such provider' });
      const price = await inTransaction(db, (tx) => addPrice(tx, actor, { ...input, now: clock.now() })).catch(
        (error: unknown) => {
          // Two first prices of an item at once: one is open, the other is not the next of it.
          if (isDuplicate(error)) throw new AppError('STATE_CONFLICT', { reason: 'another price was added' });
          throw error;
        },
      );
      return priceView(price);
    },
  };
}

async function addPrice(tx: Tx, actor: Actor, wish: AddPrice & { now: Date }): Promise<UnitPrice> {
  const { item, microYuan, reason, now } = wish;
  const earliest = new Date(now.getTime() + PRICE_LEAD_MS);
  const validFrom = wish.validFrom === undefined ? earliest : new Date(wish.validFrom);
  if (validFrom < earliest)
    throw inputInvalid('validFrom', 'forward', {
      zh: '生效时间须至少在一分钟之后',
      en: 'a price begins at least a minute from now',
    });
  const newest = await lockNewestPrice(tx, item);
  if (newest !== undefined && validFrom <= newest.validFrom)
    throw inputInvalid('validFrom', 'forward', {
      zh: '生效时间须晚于该项目最新价格的生效时间',
      en: 'a price begins after the newest price of its item',
    });
  if (newest !== undefined) await endPrice(tx, newest.id, validFrom);
  const price = { id: newId(), item, unit: unitOf(item), microYuan, validFrom, validTo: null };
  await insertPrice(tx, { ...price, createdBy: actor.id, now });
  const details = { item, microYuan, before: newest?.microYuan ?? null, validFrom: validFrom.toISOString(), reason };
  await recordAudit(tx, actor, { action: 'price.added', subjectType: 'price', subjectId: price.id, details, now });
  return price;
}

function byItemAndStart(one: UnitPrice, other: UnitPrice): number {
  return one.item === other.item ? one.validFrom.getTime() - other.validFrom.getTime() : one.item < other.item ? -1 : 1;
}

function priceView({ id, item, unit, microYuan, validFrom, validTo }: UnitPrice): Price {
  return {
    id,
    item,
    unit,
    microYuan,
    validFrom: validFrom.toISOString(),
    validTo: validTo === null ? null : validTo.toISOString(),
  };
}
