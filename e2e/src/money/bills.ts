import { copyFile, mkdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import {
  createBillGateway,
  createReconciliation,
  createReconciliationWork,
  createWechatGateway,
  type BillArchive,
} from '@yunshang/billing';
import { systemClock } from '@yunshang/db';
import type { Stack } from '@yunshang/devstack';
import { must } from '../steps.ts';
import type { Scene } from './scene.ts';

const DAY_MS = 86_400_000;

/** A payment of the day, to plant something about. */
export type Paid = { orderId: string; outTradeNo: string; transactionId: string; amountFen: number };

export async function paidOrders({ finance }: Scene): Promise<Paid[]> {
  const { items } = await finance.sales.search({ status: 'paid', limit: 100 });
  const paid: Paid[] = [];
  for (const { id } of items) {
    const { payments, outTradeNo, amountFen } = await finance.sales.get(id);
    const [payment] = payments;
    if (payment !== undefined) paid.push({ orderId: id, outTradeNo, amountFen, transactionId: payment.transactionId });
  }
  return paid;
}

/** Makes the bills of the day disagree with our books in six ways. Answers what must be found, as `kind subject`. */
export async function plantDifferences({ stack, steps }: Scene, day: string, paid: readonly Paid[]): Promise<string[]> {
  return steps.step('在账单里制造差异', 'plant differences in the bills of the day', async () => {
    const [missing, poorer, twice, unmoved, dear] = paid;
    if (!missing || !poorer || !twice || !unmoved || !dear) throw new Error('too few orders to plant in');
    const { control } = stack.sandbox;
    const strange = { outTradeNo: 'NEVERORDERED', transactionId: 'STRANGE', totalFen: 8_800, paidAt: new Date() };
    await control.book([strange]);
    await control.bill({
      day,
      kind: 'trade',
      bends: ['early', 'bom'],
      edits: [
        { op: 'drop', number: missing.transactionId },
        { op: 'set', number: poorer.transactionId, values: { 订单金额: '1.00', 应结订单金额: '1.00' } },
        { op: 'duplicate', number: twice.transactionId },
        { op: 'set', number: dear.transactionId, values: { 手续费: '5.94000' } },
      ],
    });
    await control.bill({
      day,
      kind: 'fund_flow',
      bends: ['early', 'crlf', 'reordered'],
      edits: [
        { op: 'set', number: poorer.transactionId, values: { '收支金额(元)': '1.00' } },
        { op: 'drop', number: unmoved.transactionId },
        { op: 'set', number: `${dear.transactionId}:fee`, values: { '收支金额(元)': '5.94' } },
      ],
    });
    const planted = [
      `credited_not_there ${missing.transactionId}`,
      `amount_differs ${poorer.transactionId}`,
      `duplicate_in_bill ${twice.transactionId}`,
      `fund_flow_missing ${unmoved.transactionId}`,
      `fee_differs ${dear.transactionId}`,
      `unknown_order ${strange.transactionId}`,
    ];
    return { value: planted, note: planted.map((each) => each.split(' ')[0]).join(', ') };
  });
}

/** The morning after: compares, and finds exactly what was planted and what nobody heard of, which it mends. */
export async function reconcileTomorrow(
  scene: Scene,
  of: { day: string; planted: readonly string[]; unheard: string; folder: string },
): Promise<void> {
  const { stack, database, steps } = scene;
  await steps.step('次日对账', 'reconcile the day, tomorrow at this time', async () => {
    const wechat = wechatSettings(stack);
    const clock = { now: () => new Date(Date.now() + DAY_MS) };
    const deps = { db: database.db, clock };
    const { run, worked } = await createReconciliationWork({
      ...deps,
      wechat: createWechatGateway(wechat, systemClock),
      bills: createBillGateway(wechat, systemClock),
      archive: folderArchive(of.folder),
      consumption: async () => [],
    }).runNow(of.day);
    must(worked === 'done', 'both bills were there');
    const { items } = await createReconciliation(deps).exceptions.list({ day: of.day, limit: 100 });
    const found = items.map(({ kind, subject }) => `${kind} ${subject}`).toSorted();
    const expected = [...of.planted, `paid_not_credited ${of.unheard}`].toSorted();
    must(found.join('\n') === expected.join('\n'), `found\n${found.join('\n')}\ninstead of\n${expected.join('\n')}`);
    must(run.healed === 1, 'the payment that nobody heard of was credited');
    console.log(
      '\n差异 difference           严重 severity  负责 owner   对象 subject                        状态 state',
    );
    for (const one of items)
      console.log(
        `${one.kind.padEnd(24)}  ${one.severity.padEnd(12)}  ${one.owner.padEnd(10)}  ${one.subject.padEnd(32)}  ${one.state}${one.isHealed ? ', healed 已自愈' : ''}`,
      );
    console.log('');
    return { value: undefined, note: `${found.length} found, none invented, ${run.healed} healed` };
  });
}

function folderArchive(folder: string): BillArchive {
  return {
    async keep(key, { path }) {
      await mkdir(folder, { recursive: true });
      await copyFile(path, join(folder, basename(key)));
    },
  };
}

function wechatSettings({ environment, sandbox }: Stack): Parameters<typeof createWechatGateway>[0] {
  const of = (name: string): string => {
    const value = environment[name];
    if (value === undefined) throw new Error(`the stack has no ${name}`);
    return value;
  };
  return {
    mchid: of('WECHAT_MCHID'),
    appid: of('WECHAT_APPID'),
    merchantSerial: of('WECHAT_MERCHANT_SERIAL'),
    merchantPrivateKeyPem: of('WECHAT_MERCHANT_PRIVATE_KEY'),
    merchantCertPem: of('WECHAT_MERCHANT_CERT'),
    apiV3Key: of('WECHAT_API_V3_KEY'),
    platformKeys: { [of('WECHAT_PLATFORM_KEY_ID')]: of('WECHAT_PLATFORM_PUBLIC_KEY') },
    notifyUrl: of('WECHAT_NOTIFY_URL'),
    baseUrl: environment['WECHAT_BASE_URL'] ?? sandbox.url,
    timeoutMs: 5_000,
  };
}
