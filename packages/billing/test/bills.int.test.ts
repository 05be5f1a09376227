import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isAppError } from '@yunshang/contracts';
import { systemClock, shanghaiDay } from '@yunshang/db';
import { testSandbox } from '@yunshang/devstack/testing';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type BillGateway, createBillGateway } from '../src/payments/wechat/bill.gateway.ts';
import { judgeBill, openBill } from '../src/reconciliation/bill/bill-file.ts';
import { FUND_FLOW_BILL } from '../src/reconciliation/bill/fund-flow-bill.ts';
import { readBill } from '../src/reconciliation/bill/read-bill.ts';
import { TRADE_BILL } from '../src/reconciliation/bill/trade-bill.ts';
import { wechatSettingsOf } from './merchant.ts';

const DAY_MS = 86_400_000;
const paidAt = new Date(Date.now() - 2 * DAY_MS);
const day = shanghaiDay(paidAt);

let sandbox: Awaited<ReturnType<typeof testSandbox>>;
let bills: BillGateway;
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'yunshang-bills-'));
  sandbox = await testSandbox();
  bills = createBillGateway(wechatSettingsOf(sandbox, 'http://127.0.0.1:1/notify'), systemClock);
  const refund = { outRefundNo: 'REFUND0001', refundFen: 900, createdAt: paidAt };
  await sandbox.control.book([
    { outTradeNo: 'ORDER0001', totalFen: 9900, paidAt, refunds: [refund] },
    { outTradeNo: 'ORDER0002', totalFen: 19_900, paidAt },
    { outTradeNo: 'ORDER0003', totalFen: 39_900, paidAt: new Date(paidAt.getTime() - DAY_MS) },
  ]);
});
afterEach(async () => {
  await sandbox.control.clearFaults();
  await sandbox.control.bill({ day, kind: 'trade' });
});
afterAll(() => rm(folder, { recursive: true }));

const codeOf = (error: unknown): string => (isAppError(error) ? error.code : String(error));
async function fetched(kind: 'trade' | 'fund_flow'): Promise<{ path: string; sha1: string }> {
  const offer = await bills.find(kind, day);
  if (offer.state !== 'ready') throw new Error(offer.state);
  const path = join(folder, kind);
  await bills.download(offer.downloadUrl, path);
  return { path, sha1: offer.sha1 };
}

describe('a bill of a day', () => {
  it('is found, fetched, as whole as its hash says, and holds that day and no other', async () => {
    const { path, sha1 } = await fetched('trade');
    expect(await judgeBill(path, sha1)).toBe('intact');
    const numbers: string[] = [];
    const end = await readBill(
      openBill(path),
      TRADE_BILL,
      async (rows) => void numbers.push(...rows.map(({ outTradeNo, refund }) => refund?.outRefundNo ?? outTradeNo)),
    );
    expect(end).toMatchObject({ hasHeader: true, rows: 3, badRows: 0, summary: 'agrees' });
    expect(numbers.toSorted()).toEqual(['ORDER0001', 'ORDER0002', 'REFUND0001']);
  });

  it('has a fund flow of what came, what it cost and what went back', async () => {
    const { path, sha1 } = await fetched('fund_flow');
    expect(await judgeBill(path, sha1)).toBe('intact');
    let sum = 0;
    const end = await readBill(openBill(path), FUND_FLOW_BILL, async (rows) => {
      sum += rows.reduce((total, { amountFen }) => total + amountFen, 0);
    });
    expect(end).toMatchObject({ rows: 5, badRows: 0, summary: 'agrees' });
    expect(sum).toBe(9900 + 19_900 - 59 - 119 - 900);
  });

  it('of another hash, or cut on its way, is not believed', async () => {
    await sandbox.control.bill({ day, kind: 'trade', bends: ['wrong_hash'] });
    const wrong = await fetched('trade');
    expect(await judgeBill(wrong.path, wrong.sha1)).toBe('hash_differs');
    await sandbox.control.bill({ day, kind: 'trade', bends: ['broken_gzip'] });
    const broken = await fetched('trade');
    expect(await judgeBill(broken.path, broken.sha1)).toBe('unpackable');
    await writeFile(broken.path, 'no archive at all');
    expect(await judgeBill(broken.path, broken.sha1)).toBe('unpackable');
    await expect(judgeBill(join(folder, 'nowhere'), broken.sha1)).rejects.toThrow('ENOENT');
  });

  it('is absent on a day without trade, and may still be in the making', async () => {
    const quiet = shanghaiDay(new Date(Date.now() - 20 * DAY_MS));
    expect(await bills.find('trade', quiet)).toEqual({ state: 'absent' });
    await sandbox.control.bill({ day, kind: 'trade', creatingFor: 1 });
    expect(await bills.find('trade', day)).toEqual({ state: 'creating' });
    expect(await bills.find('trade', day)).toMatchObject({ state: 'ready' });
  });

  it('is not asked for today', async () => {
    await expect(bills.find('trade', shanghaiDay(new Date()))).rejects.toThrow('INVALID_REQUEST');
  });

  it.each([
    ['TradeBill', { kind: 'answer_bad_signature' }],
    ['TradeBill', { kind: 'error', status: 500, code: 'SYSTEM_ERROR' }],
    ['DownloadBill', { kind: 'error', status: 500, code: 'SYSTEM_ERROR' }],
    ['DownloadBill', { kind: 'drop' }],
  ])('is asked for again when %s goes wrong: %j', async (action, fault) => {
    await sandbox.control.fault({ vendor: 'wechat', match: { action }, ...fault });
    expect(await fetched('trade').catch(codeOf)).toBe('PAYMENT_UNAVAILABLE');
    const { path, sha1 } = await fetched('trade');
    expect(await judgeBill(path, sha1)).toBe('intact');
  });

  it.each([
    'http://169.254.169.254/v3/billdownload/file?token=x',
    'https://evil.example/v3/billdownload/file?token=x',
    'https://api.mch.weixin.qq.com.evil.example/v3/billdownload/file',
    'https://api.mch.weixin.qq.com/v3/pay/transactions/native',
  ])('is never fetched from %s', async (address) => {
    const before = (await sandbox.control.log({ vendor: 'wechat' })).length;
    expect(await bills.download(address, join(folder, 'none')).catch(codeOf)).toBe('PAYMENT_UNAVAILABLE');
    expect(await sandbox.control.log({ vendor: 'wechat' })).toHaveLength(before);
    await expect(readFile(join(folder, 'none'))).rejects.toThrow('ENOENT');
  });
});
