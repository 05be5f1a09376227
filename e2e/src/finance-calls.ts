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
  await fapiaoCalls(finance, order.id);
  await costCalls(finance, userId);
  await differenceCalls(finance);
}

/** Requests by every filter, what is to be flushed red, and one of them refused. */
async function fapiaoCalls({ fapiao }: Yunshang, orderId: string): Promise<void> {
  for (const filter of [{}, { status: 'issued' }, { redDue: true }, { orderId }] as const) {
    const { nextCursor } = await fapiao.search({ ...filter, limit: 20 });
    if (nextCursor !== null) await fapiao.search({ ...filter, limit: 20, cursor: nextCursor });
  }
  const [open] = (await fapiao.search({ status: 'issuing', limit: 1 })).items;
  if (open === undefined) throw new Error('nobody wants a fapiao');
  await fapiao.reject({ fapiaoId: open.id, reason: 'the title is not theirs' });
}

/** What it cost and what it earned, week by week, and what somebody was told of. */
async function costCalls(finance: Yunshang, userId: string): Promise<void> {
  for (const filter of [{}, { userId }, { item: 'provider:tencent-ci' }]) {
    const { nextCursor } = await finance.costs.list({ ...filter, limit: 20 });
    if (nextCursor !== null) await finance.costs.list({ ...filter, limit: 20, cursor: nextCursor });
  }
  await finance.budgets.list();
  await finance.prices.list({ item: 'sms:segment', past: true });
  for (const filter of [{}, { open: true }, { kind: 'heavy_use' }] as const) {
    const { items, nextCursor } = await finance.alerts.list({ ...filter, limit: 20 });
    if (nextCursor !== null) await finance.alerts.list({ ...filter, limit: 20, cursor: nextCursor });
    const [first] = items;
    if (first !== undefined) await finance.alerts.deliveries(first.id);
  }
  await finance.alertTargets.list();
}

/** Runs and differences by every filter that people ask by, and one of them dealt with. */
async function differenceCalls({ reconciliation }: Yunshang): Promise<void> {
  const { items: runs, nextCursor } = await reconciliation.runs({ limit: 20 });
  const [run] = runs;
  if (run === undefined || nextCursor === null) throw new Error('too few days were compared');
  await reconciliation.runs({ limit: 20, cursor: nextCursor });
  await reconciliation.runs({ day: run.day });
  await reconciliation.run(run.id);
  const { items } = await reconciliation.exceptions({ state: 'resolved', limit: 20 });
  const [difference] = items;
  if (difference === undefined) throw new Error('nothing ever disagreed');
  for (const filter of [{}, { day: difference.day }, { day: difference.day, state: 'resolved' }] as const)
    await reconciliation.exceptions({ ...filter, limit: 20 });
  const exceptionId = difference.id;
  await reconciliation.move({ exceptionId, to: 'reopened', note: 'looked at once more' });
  await reconciliation.note({ exceptionId, note: 'nothing new' });
  await reconciliation.assign({ exceptionId, assignedTo: null });
}
