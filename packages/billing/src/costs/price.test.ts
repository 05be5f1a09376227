import { expect, test } from 'vitest';
import { priceAt, providerItems, providerOf, unitOf, type UnitPrice } from './price.ts';

const day = (text: string): Date => new Date(`2026-${text}T00:00:00.000Z`);
const price = (id: string, item: string, [from, to]: [string, string | null]): UnitPrice => ({
  id,
  item,
  unit: 'call',
  microYuan: 1,
  validFrom: day(from),
  validTo: to === null ? null : day(to),
});

const prices = [
  price('old', 'provider:ci', ['01-01', '03-01']),
  price('new', 'provider:ci', ['03-01', null]),
  price('fine', 'provider:ci:garment.clean', ['02-01', '04-01']),
];

test.each([
  ['before any price there is none', 'cut', new Date('2025-12-31T23:59:59.999Z'), undefined],
  ['a price holds from its first moment', 'cut', day('01-01'), 'old'],
  ['to the last before the next', 'cut', new Date('2026-02-28T23:59:59.999Z'), 'old'],
  ['and the next from then on', 'cut', day('03-01'), 'new'],
  ['that of an endpoint goes before that of its provider', 'garment.clean', day('02-15'), 'fine'],
  ['and the provider’s holds where the endpoint has none', 'garment.clean', day('04-01'), 'new'],
])('%s', (_sentence, endpoint, time, wanted) => {
  expect(priceAt(prices, providerItems('ci', endpoint), time)?.id).toBe(wanted);
});

test('an item says whose it is and what its unit is', () => {
  expect([providerOf('provider:ci'), providerOf('provider:ci:garment.clean'), providerOf('sms:segment')]).toEqual([
    'ci',
    'ci',
    undefined,
  ]);
  expect([unitOf('provider:ci'), unitOf('sms:segment'), unitOf('wechat_pay:fee')]).toEqual(['call', 'segment', 'fen']);
  expect(providerItems('ci', 'x'.repeat(100))).toEqual(['provider:ci']);
});
