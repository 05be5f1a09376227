import { PRICE_ITEMS } from '@yunshang/contracts';
import { PROVIDERS } from './plans.ts';

/** Before anything was called. */
const FIRST_DAY = new Date('2020-01-01T00:00:00.000Z');

/** Public list prices of 2026, in 1/1,000,000 yuan a unit; finance replaces them with those of the contract. */
const LIST_PRICES = {
  /** A text message of 70 characters. */
  'sms:segment': 45_000,
  /** COS standard storage. */
  'storage:gb_month': 118_000,
  'tencent_ims:picture': 2_500,
  /** 0.60 % of a fen. */
  'wechat_pay:fee': 60,
} satisfies Record<(typeof PRICE_ITEMS)[number]['item'], number>;

/** The price list of the first day: what each provider costs a call, and what has no provider. */
export const PRICES = [
  ...PROVIDERS.map(({ provider_ref, unit_cost_micro_yuan }) => ({
    item: `provider:${provider_ref}`,
    unit: 'call',
    micro_yuan: unit_cost_micro_yuan,
    valid_from: FIRST_DAY,
  })),
  ...PRICE_ITEMS.map(({ item, unit }) => ({ item, unit, micro_yuan: LIST_PRICES[item], valid_from: FIRST_DAY })),
];
