import { createServer } from 'node:http';
import { httpStatusOf, isAppError } from '@yunshang/contracts';
import { type Clock, type Database, systemClock } from '@yunshang/db';
import { fakeClock, type FakeClock } from '@yunshang/devstack';
import type { TestSandbox } from '@yunshang/devstack/testing';
import {
  createOrders,
  createRefunds,
  createWechatGateway,
  type Orders,
  type Refunds,
  sendRefund,
  type WechatGateway,
  type WechatSettings,
} from '../src/index.ts';

/** Below what PRO costs, above what BASIC does. */
export const APPROVAL_ABOVE_FEN = 10_000;
export const WINDOW_MS = 30 * 60_000;
export const SCHEDULE_MS = [5_000, 30_000, 60_000, 180_000, 300_000, 600_000, 1_800_000];

/** Our side of the counter: orders, and a door that WeChat Pay's notifications come to. */
export type Merchant = {
  orders: Orders;
  refunds: Refunds;
  /** The job `refund.send`. */
  sendRefund(refundId: string): ReturnType<typeof sendRefund>;
  wechat: WechatGateway;
  /** The orders' time, moved by hand. The gateway's is real, as the sandbox's is. */
  clock: FakeClock;
  settings: WechatSettings;
  /** HTTP statuses the door has answered, oldest first. */
  answered: number[];
  close(): Promise<void>;
};

/** Opens a merchant with the sandbox's credentials; `bend` changes its settings. */
export async function openMerchant(
  sandbox: TestSandbox,
  database: Pick<Database, 'db'>,
  bend: Partial<WechatSettings> = {},
): Promise<Merchant> {
  const clock = fakeClock(new Date());
  const door = await openDoor();
  const settings = { ...wechatSettingsOf(sandbox, `${door.url}/notify`), ...bend };
  const wechat = createWechatGateway(settings, systemClock);
  const orders = ordersWith({ database, wechat, clock });
  const refunds = createRefunds({ db: database.db, clock, wechat, config: { approvalAboveFen: APPROVAL_ABOVE_FEN } });
  door.accept = (input) => orders.acceptNotification(input);
  return {
    orders,
    refunds,
    sendRefund: (refundId) => sendRefund({ db: database.db, clock, wechat }, { refundId }),
    wechat,
    clock,
    settings,
    answered: door.answered,
    close: () => door.close(),
  };
}

/** Who we are at the sandbox. */
export function wechatSettingsOf({ settings: given, url }: TestSandbox, notifyUrl: string): WechatSettings {
  return {
    mchid: given.mchid,
    appid: given.appid,
    merchantSerial: given.merchantSerial,
    merchantPrivateKeyPem: given.merchantPrivateKeyPem,
    merchantCertPem: given.merchantCertPem,
    apiV3Key: given.apiV3Key,
    platformKeys: { [given.platformPublicKeyId]: given.platformPublicKeyPem },
    notifyUrl,
    baseUrl: url,
    timeoutMs: 1_000,
  };
}

export function ordersWith(deps: { database: Pick<Database, 'db'>; wechat: WechatGateway; clock: Clock }): Orders {
  return createOrders({ ...deps, config: { queryScheduleMs: SCHEDULE_MS, paymentWindowMs: WINDOW_MS } });
}

type Door = { url: string; answered: number[]; accept: Orders['acceptNotification']; close(): Promise<void> };

/** 204 for news that was accepted; what is not an error of ours is 500. */
async function statusOf(news: Promise<void>): Promise<number> {
  try {
    await news;
    return 204;
  } catch (error) {
    return isAppError(error) ? httpStatusOf(error.code) : 500;
  }
}

async function openDoor(): Promise<Door> {
  const answered: number[] = [];
  const door: Door = { url: '', answered, accept: () => Promise.reject(new Error('not open')), close };
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const headers = Object.fromEntries(
        Object.entries(request.headers).map(([name, value]) => [name, Array.isArray(value) ? value.join() : value]),
      );
      void statusOf(door.accept({ headers, rawBody: Buffer.concat(chunks) })).then((status) => {
        answered.push(status);
        return response.writeHead(status).end();
      });
    });
  });
  function close(): Promise<void> {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(() => resolve()));
  }
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the door has no port');
  door.url = `http://127.0.0.1:${address.port}`;
  return door;
}
