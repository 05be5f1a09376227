import { connect, type Db, newId, toJson } from '@yunshang/db';
import { makeMembers, startStack } from '@yunshang/devstack';
import { load, type Measured, median, table } from '../measure.ts';
import { type RawClient, rawClient } from '../raw-client.ts';
import { type Notification, wechatPay } from './wechat.ts';

const CONCURRENCY = 16;
const WARM_MS = 300;
const MEASURE_MS = 1500;
const ORDERS_A_ROUND = 2_000;
const PATH = '/api/webhooks/wechat/pay';
const PLAN = {
  planId: 'BASIC',
  version: 1,
  level: 1,
  title: '基础',
  titleEn: 'Basic',
  priceFen: 9900,
  quota: 100,
  periodDays: 30,
};

type Round = { floor: Measured; first: Measured; again: Measured };

/** Unpaid orders, each of another member; ordering them at the vendor is not what is measured. */
async function unpaidOrders(db: Db, count: number): Promise<string[]> {
  const members = await makeMembers(db, count, { quota: 1 });
  const now = new Date();
  const rows = members.map(({ userId }) => {
    const id = newId();
    return {
      id,
      user_id: userId,
      out_trade_no: id,
      plan_id: PLAN.planId,
      plan_version: PLAN.version,
      plan_snapshot: toJson(PLAN),
      amount_fen: PLAN.priceFen,
      currency: 'CNY',
      channel: 'native' as const,
      status: 'pending' as const,
      created_at: now,
      expires_at: new Date(now.getTime() + 1_800_000),
      updated_at: now,
    };
  });
  await db.insertInto('orders').values(rows).execute();
  return rows.map((row) => row.out_trade_no);
}

function requestOf({ headers, rawBody }: Notification): Buffer {
  const all = { host: '127.0.0.1', 'content-type': 'application/json', ...headers };
  const lines = Object.entries({ ...all, 'content-length': String(Buffer.byteLength(rawBody)) });
  const head = lines.map(([name, value]) => `${name}: ${value}\r\n`).join('');
  return Buffer.from(`POST ${PATH} HTTP/1.1\r\n${head}\r\n${rawBody}`);
}

async function post(clients: readonly RawClient[], next: () => Notification): Promise<Measured> {
  return load({ concurrency: CONCURRENCY, warmMs: WARM_MS, measureMs: MEASURE_MS }, async (caller) => {
    const client = clients[caller];
    if (client === undefined) throw new Error('no such client');
    const { status, body } = await client.send(requestOf(next()));
    if (status !== 204) throw new Error(`a notification was answered ${status}: ${body.slice(0, 300)}`);
  });
}

function at<T>(list: readonly T[], index: number): T {
  const item = list[index];
  if (item === undefined) throw new Error(`only ${list.length} notifications were made: too few for this machine`);
  return item;
}

async function measureRound(db: Db, pay: ReturnType<typeof wechatPay>, clients: readonly RawClient[]): Promise<Round> {
  const orders = await unpaidOrders(db, ORDERS_A_ROUND);
  const made = orders.map((outTradeNo) => pay.notificationOf({ outTradeNo, amountFen: PLAN.priceFen }));
  let turn = 0;
  const floor = await load({ concurrency: 1, warmMs: WARM_MS, measureMs: MEASURE_MS }, async () => {
    pay.believe(at(made, (turn += 1) % made.length));
  });
  let told = 0;
  const first = await post(clients, () => at(made, (told += 1) - 1));
  let repeated = 0;
  const again = await post(clients, () => at(made, (repeated += 1) % told));
  const { credited } = await db
    .selectFrom('payment_transactions')
    .select((eb) => eb.fn.countAll<number>().as('credited'))
    .where('outcome', '=', 'granted')
    .where('order_id', 'in', orders)
    .executeTakeFirstOrThrow();
  if (credited !== told) throw new Error(`${told} notifications credited ${credited} orders`);
  return { floor, first, again };
}

/**
 * Notifications of payments over HTTP beside the least that believing one takes (RSA over its bytes and AES-GCM, one thread, no HTTP,
 * nothing stored). The first of an order credits it: order, payment, grant, ledger, membership, audit in one transaction with
 * innodb_flush_log_at_trx_commit=1. The others are believed and found to be known.
 */
export async function benchNotifications(rounds: number): Promise<void> {
  const merchant = {
    appid: 'wx0000000000000001',
    mchid: '1900000001',
    apiV3Key: '0123456789abcdef0123456789abcdef',
  };
  const pay = wechatPay(merchant);
  const env = {
    LOG_LEVEL: 'warn',
    RATE_LIMIT_PER_ADDRESS: '100000000',
    WECHAT_APPID: merchant.appid,
    WECHAT_MCHID: merchant.mchid,
    WECHAT_API_V3_KEY: merchant.apiV3Key,
    ...pay.env,
  };
  const stack = await startStack({ durable: true, env });
  await stack.worker.stop();
  const database = connect(stack.databaseUrl);
  const done: Round[] = [];
  try {
    const clients = await Promise.all(Array.from({ length: CONCURRENCY }, () => rawClient(stack.server.port ?? 0)));
    for (let round = 1; round <= rounds; round += 1) {
      const measured = await measureRound(database.db, pay, clients);
      done.push(measured);
      const [floor, first, again] = [measured.floor, measured.first, measured.again].map((m) => m.perSecond.toFixed(0));
      console.log(`  round ${round}: floor ${floor}/s, first ${first}/s, again ${again}/s`);
    }
    for (const client of clients) client.close();
  } finally {
    await database.close();
    await stack.stop();
  }
  const line = (name: string, pick: (round: Round) => Measured): string[] => {
    const ratio = median(done.map((round) => pick(round).perSecond / round.floor.perSecond));
    const figure = (of: (m: Measured) => number): string => median(done.map((round) => of(pick(round)))).toFixed(1);
    return [name, figure((m) => m.perSecond), figure((m) => m.p50), figure((m) => m.p95), ratio.toFixed(2)];
  };
  console.log(
    table([
      ['', 'per s', 'p50 ms', 'p95 ms', 'of the floor'],
      line('RSA and AES, one thread', (round) => round.floor),
      line('the first: credited', (round) => round.first),
      line('again: known', (round) => round.again),
    ]),
  );
}
