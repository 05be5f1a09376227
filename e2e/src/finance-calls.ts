import type { Yunshang } from '@yunshang/sdk';

/** What finance looks up and does in a day: sales by every filter and number, a part of an order given back, the list of refunds. */
export async function financeCalls(finance: Yunshang, userId: string): Promise<void> {
  const { items } = await finance.sales.search({ userId, limit: 20 });
  const order = items.find(({ status, amountFen }) => status === 'paid' && amountFen > 100);
  if (order === undefined) throw new Error('nobody bought anything');
  for (const filter of [
    {},
    { status: 'paid' },
    { userId },
    { status: 'refunding' },
    { userId, status: 'closed' },
  ] as const) {
    const { nextCursor } = await finance.sales.search({ ...filter, limit: 20 });
    if (nextCursor !== null) await finance.sales.search({ ...filter, limit: 20, cursor: nextCursor });
  }
  await finance.sales.search({ number: order.outTradeNo });
  await finance.sales.get(order.id);
  const { refund } = await finance.refunds.request({
    orderId: order.id,
    amountFen: 100,
    reason: 'a button is missing',
  });
  if (refund === null) throw new Error('1 yuan needed a second person');
  await finance.refunds.get(refund.id);
  for (const filter of [{}, { status: 'intended' }, { orderId: order.id }] as const)
    await finance.refunds.list({ ...filter, limit: 20 });
}
