import { ORDER_STATUSES, type OrderStatus } from '@yunshang/contracts';
import { describe, expect, it } from 'vitest';
import {
  canMove,
  isSameIntent,
  judgePayment,
  nextCheck,
  QUERY_SCHEDULE_MS,
  ORDER_MOVES,
  type StoredOrder,
  toOrder,
} from './order.ts';

const createdAt = new Date('2026-01-15T04:00:00.000Z');
const after = (ms: number): Date => new Date(createdAt.getTime() + ms);
const merchant = { mchid: '1900000001', appid: 'wx1' };
const plan = {
  planId: 'BASIC',
  version: 1,
  level: 1,
  title: '基础',
  titleEn: 'Basic',
  priceFen: 9900,
  quota: 100,
  periodDays: 30,
  periodMonths: null,
};
const orderIn = (status: OrderStatus): StoredOrder => ({
  id: 'order',
  userId: 'user',
  outTradeNo: 'order',
  plan,
  amountFen: 9900,
  currency: 'CNY',
  status,
  payer: { channel: 'native' },
  codeUrl: 'weixin://x',
  prepayId: null,
  h5Url: null,
  createdAt,
  expiresAt: after(1_800_000),
  paidAt: null,
  closedAt: null,
});
const payment = {
  ...merchant,
  outTradeNo: 'order',
  transactionId: '42',
  amountFen: 9900,
  currency: 'CNY',
  successTime: createdAt,
};

describe('the moves of an order', () => {
  it('never lead back to pending, and a refunded order rests', () => {
    expect(ORDER_STATUSES.filter((from) => canMove(from, 'pending'))).toEqual([]);
    expect(ORDER_MOVES.refunded).toEqual([]);
  });

  it('let only a pending order be paid or closed', () => {
    expect(ORDER_STATUSES.filter((from) => canMove(from, 'closed'))).toEqual(['pending']);
    // A refund that came to nothing leaves a paid order paid.
    expect(ORDER_STATUSES.filter((from) => canMove(from, 'paid'))).toEqual(['pending', 'refunding']);
  });
});

describe('a payment', () => {
  it('of the right order grants', () => {
    expect(judgePayment(orderIn('pending'), payment, merchant)).toMatchObject({ outcome: 'granted', to: 'paid' });
  });

  it.each([
    ['appid', { appid: 'wx2' }],
    ['mchid', { mchid: '1900000002' }],
    ['amount', { amountFen: 1 }],
    ['amount', { amountFen: 9901 }],
    ['currency', { currency: 'USD' }],
  ])('of another %s is a mismatch', (field, bent) => {
    const decision = judgePayment(orderIn('pending'), { ...payment, ...bent }, merchant);
    expect(decision).toEqual({ outcome: 'amount_mismatch', to: 'amount_mismatch', mismatches: [field] });
  });

  it('after the close is kept for a refund', () => {
    expect(judgePayment(orderIn('closed'), payment, merchant)).toMatchObject({ to: 'paid_after_close' });
  });

  it.each(ORDER_STATUSES.filter((status) => status !== 'pending' && status !== 'closed'))(
    'of an order that is %s is a second one and moves nothing',
    (status) => {
      expect(judgePayment(orderIn(status), payment, merchant)).toMatchObject({
        outcome: 'second_payment',
        to: undefined,
      });
    },
  );
});

describe('with every notification lost, a payment is found', () => {
  /** How long after each moment of paying the next check comes. */
  const delays: number[] = [];
  let check = { check: -1, dueAt: after(0) };
  for (let paidMs = 1_000; paidMs < 1_800_000; paidMs += 1_000) {
    while (check.dueAt < after(paidMs))
      check = nextCheck(orderIn('pending'), QUERY_SCHEDULE_MS, { after: check.check, now: check.dueAt });
    delays.push(check.dueAt.getTime() - after(paidMs).getTime());
  }

  it('within 30 s in the two minutes in which most people pay', () => {
    expect(Math.max(...delays.slice(0, 120))).toBeLessThanOrEqual(30_000);
  });

  it('within 5 minutes at any time', () => {
    expect(delays).toHaveLength(1_799);
    expect(Math.max(...delays)).toBeLessThanOrEqual(300_000);
  });
});

describe('the checks of an order', () => {
  const schedule = [5_000, 30_000, 60_000, 1_800_000];
  const next = (check: number, ms: number) => nextCheck(orderIn('pending'), schedule, { after: check, now: after(ms) });

  it('follow the schedule and end when the time to pay ends', () => {
    expect(next(-1, 0)).toEqual({ check: 0, dueAt: after(5_000) });
    expect(next(0, 5_000)).toEqual({ check: 1, dueAt: after(30_000) });
    expect(next(2, 60_000)).toEqual({ check: 4, dueAt: after(1_800_000) });
  });

  it('skip what was missed', () => {
    expect(next(0, 45_000)).toEqual({ check: 2, dueAt: after(60_000) });
    expect(next(0, 900_000)).toEqual({ check: 4, dueAt: after(1_800_000) });
  });

  it('never repeat a number', () => {
    expect(next(4, 1_700_000).check).toBe(5);
  });
});

const sign = () => ({
  appId: 'a',
  timeStamp: '1',
  nonceStr: 'n',
  package: 'p',
  signType: 'RSA' as const,
  paySign: 's',
});

it('an order shows its code only while it can be paid', () => {
  const seen = { sign, refundedFen: 0 };
  expect(toOrder(orderIn('pending'), seen)).toMatchObject({ codeUrl: 'weixin://x', jsapi: null, h5Url: null });
  expect(toOrder({ ...orderIn('pending'), prepayId: 'wx1' }, seen).jsapi).toMatchObject({ paySign: 's' });
  const paid = { ...orderIn('paid'), prepayId: 'wx1', h5Url: 'https://x' };
  expect(toOrder(paid, seen)).toMatchObject({ codeUrl: null, jsapi: null, h5Url: null });
});

const from = (ip: string) => ({ channel: 'h5', ip, h5Type: 'Wap' }) as const;

describe('ordering again', () => {
  const wanted = { plan, payer: { channel: 'native' } as const, now: after(60_000) };
  it.each<[string, Partial<Parameters<typeof isSameIntent>[0]>, Partial<typeof wanted>, boolean]>([
    ['means the order that is open', {}, {}, true],
    ['means another once the price has changed', { plan: { ...plan, version: 0 } }, {}, false],
    ['means another by another channel', { payer: { channel: 'jsapi', openid: 'o1' } }, {}, false],
    ['means another when its time is over', {}, { now: after(1_800_000) }, false],
  ])('%s', (_name, open, changed, same) => {
    expect(isSameIntent({ ...orderIn('pending'), ...open }, { ...wanted, ...changed })).toBe(same);
  });

  it('by another payer means another, from another address the same', () => {
    const by = (openid: string) => ({ ...orderIn('pending'), payer: { channel: 'jsapi', openid } as const });
    expect(isSameIntent(by('o1'), { ...wanted, payer: { channel: 'jsapi', openid: 'o2' } })).toBe(false);
    expect(isSameIntent({ ...orderIn('pending'), payer: from('1.1.1.1') }, { ...wanted, payer: from('2.2.2.2') })).toBe(
      true,
    );
  });
});
