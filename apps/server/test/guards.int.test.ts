import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { until } from '@yunshang/devstack';
import { runDoctor } from '@yunshang/guard';
import { Redis } from 'ioredis';
import { createCallLimits } from '../src/http/call-limits.ts';
import { serveMetrics } from '../src/http/metrics.ts';
import { WECHAT_PAY_PATH } from '../src/webhooks/wechat-pay.ts';
import { buyBasic, call, createTask, startEdge, type Edge, type Person } from './edge.ts';

let edge: Edge;
let member: Person;

beforeAll(async () => {
  edge = await startEdge({ RATE_LIMIT_PER_ADDRESS: '150', RATE_LIMIT_PER_CALLER: '12' });
  member = await edge.signIn();
});
afterAll(() => edge.close());

const from = (ip: string) => ({ 'x-forwarded-for': ip });

describe('limits', () => {
  it('count calls of one person to one procedure, whatever the edge or the address', async () => {
    const token = (await edge.signIn()).accessToken;
    const codes: string[] = [];
    const waits: number[] = [];
    for (let i = 0; i < 14; i += 1) {
      const headers = from(`10.9.0.${i}`);
      const isRest = i % 2 === 0;
      const answer = await call(isRest ? `${edge.url}/api/account` : `${edge.url}/trpc/account.get`, {
        token,
        headers,
      });
      codes.push(isRest ? answer.body.code : (answer.body.error?.data.code ?? 'OK'));
      if (answer.status === 429) waits.push(Number(answer.headers.get('retry-after')));
    }
    expect(codes.filter((code) => code === 'OK')).toHaveLength(12);
    expect(waits.every((seconds) => seconds > 0 && seconds <= 60)).toBe(true);
    expect(codes.slice(-2)).toEqual(['RATE_LIMITED', 'RATE_LIMITED']);
    expect((await call(`${edge.url}/api/quota/balance`, { token, headers: from('10.9.0.1') })).status).toBe(200);
    const other = (await edge.signIn()).accessToken;
    expect((await call(`${edge.url}/api/account`, { token: other, headers: from('10.9.0.1') })).status).toBe(200);
  });

  it('count requests of one address, and count a batch call by call', async () => {
    const headers = from('10.8.0.1');
    const batch = `${edge.url}/trpc/${Array.from({ length: 13 }, () => 'plans.list').join(',')}?batch=1`;
    const answer = await call(batch, { headers });
    expect(answer.body.filter((one: object) => 'error' in one)).toHaveLength(1);
    const answers = await Promise.all(
      Array.from({ length: 160 }, () => call(`${edge.url}/api/nowhere`, { headers: from('10.8.0.2') })),
    );
    expect(answers.filter(({ status }) => status === 429)).toHaveLength(10);
    expect((await call(`${edge.url}/api/nowhere`, { headers: from('10.8.0.3') })).status).toBe(404);
  });

  it('hold in this process while Redis is away, and block nobody', async () => {
    const redis = new Redis('redis://127.0.0.1:1', {
      enableOfflineQueue: false,
      maxRetriesPerRequest: 0,
      retryStrategy: () => null,
    });
    redis.on('error', () => undefined);
    const limits = createCallLimits(redis, { perAddress: 100, perCaller: 5 });
    for (let i = 0; i < 5; i += 1) await limits.take('account.get', 'user', undefined);
    await expect(limits.take('account.get', 'user', undefined)).rejects.toMatchObject({ code: 'RATE_LIMITED' });
    await limits.take('account.get', 'another', undefined);
    redis.disconnect();
  });
});

describe('health and metrics', () => {
  it('say that the process lives and can work, part by part', async () => {
    expect(await call(`${edge.url}/health/live`)).toMatchObject({ status: 200, body: { status: 'live' } });
    expect(await call(`${edge.url}/health/ready`)).toMatchObject({
      status: 200,
      body: { status: 'ready', database: 'up', redis: 'up', migrations: 'up-to-date' },
    });
  });

  it('are not to be had on the public port; on the loopback one they count by route', async () => {
    expect((await call(`${edge.url}/metrics`)).status).toBe(404);
    const { port, server } = await serveMetrics(edge.metrics, 0);
    const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
    server.close();
    expect(text).toContain('yunshang_http_request_seconds_count{method="GET",route="/api/account",status="200"}');
    expect(text).toContain('yunshang_http_errors_total{code="RATE_LIMITED"}');
    expect(text).toContain('yunshang_nodejs_eventloop_lag_seconds');
    expect(text).toMatch(/yunshang_database_query_seconds_count [1-9]/);
    expect(text).toContain('yunshang_streams_open 0');
    expect(text).not.toContain(member.userId);
  });
});

describe('the notification of WeChat Pay', () => {
  it('is refused with FAIL unless it proves itself, and grants nothing', async () => {
    const headers = {
      'wechatpay-serial': 'PUB_KEY_ID_0',
      'wechatpay-signature': 'WECHATPAY/SIGNTEST/x',
      'wechatpay-timestamp': String(Math.floor(Date.now() / 1000)),
      'wechatpay-nonce': 'nonce',
      ...from('10.6.0.1'),
    };
    for (const body of ['{}', '', 'not json', JSON.stringify({ resource: {} })]) {
      const answer = await call(edge.url + WECHAT_PAY_PATH, { method: 'POST', body, headers });
      expect(answer).toMatchObject({ status: 401, body: { code: 'FAIL' } });
    }
    const text = await call(edge.url + WECHAT_PAY_PATH, {
      method: 'POST',
      body: '<xml/>',
      headers: { ...headers, 'content-type': 'text/xml' },
    });
    expect(text).toMatchObject({ status: 401, body: { code: 'FAIL' } });
  });

  it('is answered 204 over its raw bytes and credited once', async () => {
    await buyBasic(edge, member);
    const [log] = await edge.database.db.selectFrom('payment_transactions').selectAll().execute();
    expect(log).toMatchObject({ outcome: 'granted', amount_fen: 9900 });
  });
});

describe('text messages', () => {
  it('are booked as they are sent and settled by what the vendor counted', async () => {
    const [estimate, settlement] = await edge.database.db
      .selectFrom('cost_entries')
      .select(['kind', 'vendor', 'amount_micro_yuan as microYuan', 'user_id as userId'])
      .where('item', '=', 'sms:segment')
      .orderBy('id')
      .execute();
    const common = { vendor: 'tencent_sms', userId: null };
    expect(estimate).toEqual({ ...common, kind: 'estimate', microYuan: 45_000 });
    expect(settlement).toEqual({ ...common, kind: 'settlement', microYuan: 0 });
  });
});

describe('the log', () => {
  it('has a line for each answer and no phone, code, token, key or query of an address', async () => {
    const before = edge.logged().length;
    const ip = from('10.5.0.1');
    const person = await edge.signIn();
    await call(`${edge.url}/api/quota/history?limit=3&phone=${person.phone}&token=secret-in-query`, {
      token: person.accessToken,
      headers: ip,
    });
    await call(`${edge.url}/api/auth/refresh`, { body: { refreshToken: person.refreshToken }, headers: ip });
    await call(`${edge.url}/api/auth/sign-in`, { body: { phone: person.phone, code: '123987' }, headers: ip });
    await createTask(edge, member, 'redacted-key-0001');
    await until(() => edge.logged().includes('/api/tasks"'));
    const text = edge.logged().slice(before);
    const [sms] = await edge.sandbox.control.sms(person.phone);
    const { settings } = edge.sandbox;
    const secrets = [
      person.phone.slice(3),
      person.accessToken,
      person.refreshToken,
      sms?.code ?? 'none',
      '123987',
      'secret-in-query',
      'redacted-key-0001',
      settings.tencentSecretKey,
      settings.tencentSecretId,
      settings.apiV3Key,
    ];
    expect(secrets.filter((secret) => text.includes(secret))).toEqual([]);
    const line = text
      .split('\n')
      .filter((each) => each !== '')
      .map((each) => JSON.parse(each))
      .find(({ route }) => route === '/api/quota/history');
    expect(line).toMatchObject({ method: 'GET', status: 400, userId: person.userId, errorCode: 'INPUT_INVALID' });
    expect(line.requestId).toMatch(/^[0-9A-Z]{26}$/);
  });
});

it('leaves nothing for the doctor to find', async () => {
  expect(await runDoctor(edge.database.db, { now: new Date() })).toEqual([]);
});
