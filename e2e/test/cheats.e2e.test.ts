import { createServer, type Server } from 'node:http';
import { once } from 'node:events';
import { connect, newId, openLanes, type Database } from '@yunshang/db';
import {
  freePort,
  makeMember,
  startStack,
  until,
  type MadeMember,
  type MemberOptions,
  type Stack,
} from '@yunshang/devstack';
import { mortalRedis, type MortalRedis } from '@yunshang/devstack/testing';
import { runDoctor } from '@yunshang/guard';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { accessToken, addNotedClean, idIn, send, type Answer, type Attacker, type Send } from '../src/hostile.ts';
import { scanAndPay } from '../src/journey.ts';
import { basicMember, signedIn, smallPhoto } from '../src/members.ts';

/** A notification as it came to us, to be sent again. */
type Told = { headers: Record<string, string>; body: string };

let stack: Stack;
let database: Database;
let redis: MortalRedis;
let tap: { server: Server; told: Told[] };

vi.setConfig({ testTimeout: 60_000 });

beforeAll(async () => {
  const tapPort = await freePort();
  redis = await mortalRedis();
  stack = await startStack({
    timeScale: 0.01,
    env: {
      OUTBOX_POLL_MS: '100',
      OUTBOX_VISIBILITY_MS: '3000',
      TASK_LEASE_MS: '3000',
      REDIS_URL: redis.redisUrl,
      WECHAT_NOTIFY_URL: `http://127.0.0.1:${tapPort}/tell`,
    },
  });
  tap = await listenIn(tapPort);
  database = connect(stack.databaseUrl);
  await addNotedClean(database.db);
});
afterEach(() => {
  stack.worker.kill('SIGCONT');
});
afterAll(async () => {
  await database?.close();
  await stack?.stop();
  await redis?.stop();
  tap?.server.close();
});

/** Stands between the vendor and us: passes notifications on and keeps them. */
async function listenIn(port: number): Promise<{ server: Server; told: Told[] }> {
  const told: Told[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const signed = Object.entries(request.headers).filter(([name]) => name.startsWith('wechatpay-'));
      const one = {
        headers: Object.fromEntries(signed.map(([n, v]) => [n, String(v)])),
        body: Buffer.concat(chunks).toString(),
      };
      told.push(one);
      void tell(one).then(({ status }) => response.writeHead(status).end());
    });
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  return { server, told };
}

const tell = ({ headers, body }: Told): Promise<Answer> => send(stack, '/api/webhooks/wechat/pay', { headers, body });

async function person(options: MemberOptions = {}): Promise<MadeMember & Attacker> {
  const made = await makeMember(database.db, options);
  return { ...made, token: accessToken(stack, made) };
}
const as = (who: Attacker, path: string, init: Send = {}): Promise<Answer> =>
  send(stack, path, { token: who.token, key: `cheat-${newId()}`, ...init });
const create = (who: MadeMember & Attacker, init: Send = {}, featureId = 'noted_clean'): Promise<Answer> =>
  as(who, '/api/tasks', { body: { featureId, input: { photo: who.assetId } }, ...init });
const cancel = (who: Attacker, taskId: string): Promise<Answer> => as(who, `/api/tasks/${taskId}/cancel`, { body: {} });
const times = <T>(n: number, one: (i: number) => Promise<T>): Promise<T[]> =>
  Promise.all(Array.from({ length: n }, (_, i) => one(i)));
const codes = (answers: readonly Answer[]): Record<string, number> =>
  Object.fromEntries([...Map.groupBy(answers, ({ code }) => code)].map(([code, list]) => [code, list.length]));

async function balanceOf(who: { userId: string }): Promise<number> {
  const { quota_remaining } = await database.db
    .selectFrom('users')
    .select('quota_remaining')
    .where('id', '=', who.userId)
    .executeTakeFirstOrThrow();
  return quota_remaining;
}
const ledgerOf = (taskId: string) =>
  database.db.selectFrom('quota_logs').select(['kind', 'amount']).where('task_id', '=', taskId).orderBy('id').execute();
const taskRow = (taskId: string) =>
  database.db.selectFrom('tasks').select(['status', 'refunded']).where('id', '=', taskId).executeTakeFirstOrThrow();
const ended = (taskId: string) =>
  until(
    async () => {
      const row = await taskRow(taskId);
      return ['succeeded', 'failed', 'cancelled'].includes(row.status) ? row : undefined;
    },
    { what: `task ${taskId} to end`, timeoutMs: 30_000 },
  );
/** The worker stands still, so what is created stays pending. */
const pauseWorker = (): void => stack.worker.kill('SIGSTOP');

test('50 creates at once with quota for one: one is accepted and one unit taken', async () => {
  const poor = await person({ quota: 1 });
  pauseWorker();
  const answers = await times(50, () => create(poor, {}, 'basic_clean'));
  expect(codes(answers)).toEqual({ OK: 1, QUOTA_INSUFFICIENT: 49 });
  expect(await balanceOf(poor)).toBe(0);
});

test('one key makes one task: at once, in a batch, for another body, person or procedure', async () => {
  const [member, other] = [await person(), await person()];
  const key = 'one-key-for-everything';
  pauseWorker();
  const answers = await times(30, () => create(member, { key }));
  expect(codes(answers)).toEqual({ OK: 30 });
  expect(new Set(answers.map(idIn)).size).toBe(1);
  expect(await balanceOf(member)).toBe(99);
  const body = { featureId: 'noted_clean', input: { photo: member.assetId, title: 'another' } };
  expect(await create(member, { key, body })).toMatchObject({ status: 409, code: 'IDEMPOTENCY_KEY_REUSED' });
  const two = { 0: body, 1: body };
  for (const query of ['batch=1', 'batch=1&batch=1'])
    for (const headers of [{}, { 'trpc-accept': 'application/jsonl' }]) {
      const answer = await as(member, `/trpc/tasks.create,tasks.create?${query}`, {
        key: 'shared-by-two-calls',
        body: two,
        headers,
      });
      expect(answer.code).toBe('IDEMPOTENCY_KEY_REQUIRED');
    }
  expect(await balanceOf(member)).toBe(99);
  expect(idIn(await create(other, { key }))).not.toBe(idIn(answers[0] ?? { status: 0, code: '', text: '' }));
  expect((await as(member, '/api/orders', { key, body: { planId: 'BASIC' } })).code).toBe('OK');
});

test('cancelling while the work begins: each task is either given back or delivered, never both', async () => {
  const ys = await basicMember(stack);
  const photo = (await ys.uploads.put(await smallPhoto())).id;
  const { userId } = await ys.account.get();
  const before = await balanceOf({ userId });
  const outcomes = await times(10, async (i) => {
    const { id } = await ys.tasks.create({ featureId: 'basic_clean', input: { photo } });
    // From at once to when the worker has surely begun.
    const at = performance.now() + i * 12;
    await until(() => performance.now() >= at, { everyMs: 1 });
    await Promise.all([ys.tasks.cancel(id).catch(() => undefined), ys.tasks.cancel(id).catch(() => undefined)]);
    return { id, ...(await ended(id)) };
  });
  // Cancelled work that a vendor has begun is kept: then nothing comes back, and nothing is delivered either.
  for (const { id, status, refunded } of outcomes) {
    const kinds = (await ledgerOf(id)).map((row) => row.kind);
    expect(kinds).toEqual(refunded === 1 ? ['charge', 'refund'] : ['charge']);
    expect(['succeeded', 'cancelled']).toContain(status);
    const results = (await ys.tasks.get(id)).outputs.length;
    expect([results, refunded === 1 ? status : '']).toEqual(
      status === 'succeeded' ? [1, ''] : [0, refunded === 1 ? 'cancelled' : ''],
    );
  }
  const kept = outcomes.filter(({ refunded }) => refunded === 0).length;
  expect(await balanceOf({ userId })).toBe(before - kept);
});

test('cancelling while it fails: refunded once, by the one or the other', async () => {
  const member = await person();
  const tasks = await times(40, async () => {
    const id = idIn(await create(member));
    await times(3, () => cancel(member, id));
    return id;
  });
  for (const id of tasks) {
    expect((await ended(id)).refunded).toBe(1);
    expect(await ledgerOf(id)).toEqual([
      { kind: 'charge', amount: -1 },
      { kind: 'refund', amount: 1 },
    ]);
  }
  expect(await balanceOf(member)).toBe(100);
});

test('20 cancellations of one task at once, while others of the member are charged: one refund', async () => {
  const member = await person();
  pauseWorker();
  const [first = '', ...others] = (await times(3, () => create(member))).map(idIn);
  const answers = await times(20, () => cancel(member, first));
  expect(codes(answers)).toEqual({ OK: 20 });
  expect(await balanceOf(member)).toBe(98);
  for (const id of others) expect((await ledgerOf(id)).length).toBe(1);
});

/** The feature as the member sees it, as text. */
async function shownFeature(member: Attacker, featureId: string): Promise<string> {
  const { text } = await as(member, '/api/features');
  const from = text.indexOf(`"featureId":"${featureId}"`);
  return text.slice(from, text.indexOf('}', from));
}

test('a price raised meanwhile: what was paid is given back, and the old key answers the old price', async () => {
  const member = await person();
  pauseWorker();
  const key = 'bought-at-the-old-price';
  const old = await create(member, { key });
  const setPrice = async (quota_cost: number): Promise<void> => {
    const change = database.db.updateTable('feature_definitions').set({ quota_cost });
    await change.where('feature_id', '=', 'noted_clean').execute();
    const shown = `"quotaCost":${quota_cost},`;
    await until(async () => (await shownFeature(member, 'noted_clean')).includes(shown), { what: 'the new price' });
  };
  await setPrice(7);
  expect((await create(member, { key })).text).toContain('"cost":1');
  const dear = idIn(await create(member));
  expect(await balanceOf(member)).toBe(100 - 1 - 7);
  await times(5, () => cancel(member, idIn(old)));
  expect(await balanceOf(member)).toBe(100 - 7);
  await setPrice(1);
  await cancel(member, dear);
  expect(await balanceOf(member)).toBe(100);
});

test('a plan that ends before the work begins: what was paid is worked on, and comes back as compensation when it fails', async () => {
  const endsAt = new Date(Date.now() + 1_500);
  const startsAt = new Date(endsAt.getTime() - 30 * 86_400_000);
  const member = await person({ startsAt, endsAt, quota: 5 });
  pauseWorker();
  const id = idIn(await create(member));
  await until(() => Date.now() > endsAt.getTime() + 50);
  expect((await create(member)).code).toBe('MEMBERSHIP_REQUIRED');
  stack.worker.kill('SIGCONT');
  expect(await ended(id)).toEqual({ status: 'failed', refunded: 1 });
  const { text } = await as(member, '/api/quota/balance');
  expect(JSON.parse(text)).toMatchObject({
    data: { available: 1, grants: [{ source: 'compensation', amount: 1, remaining: 1 }] },
  });
});

test('a notification counts for its own bytes and its own order, once, whoever sends it how often', async () => {
  const [buyer, thief] = [await signedIn(stack), await signedIn(stack)];
  const [bought, wanted] = [
    await buyer.orders.create({ planId: 'BASIC' }),
    await thief.orders.create({ planId: 'PREMIUM' }),
  ];
  const before = tap.told.length;
  await scanAndPay(stack, bought.codeUrl);
  const [one] = [await until(() => tap.told[before], { what: 'the notification' })];
  await buyer.orders.waitUntilPaid(bought.id, { everyMs: 50 });
  expect((await times(10, () => tell(one))).map((answer) => answer.status)).toEqual(
    Array.from({ length: 10 }, () => 204),
  );
  await scanAndPay(stack, bought.codeUrl).catch(() => undefined);
  const swapped = {
    ...one,
    body: one.body.replaceAll(bought.id, wanted.id).replace('TRANSACTION.SUCCESS', 'TRANSACTION.SUCCESS '),
  };
  expect((await tell(swapped)).status).toBe(401);
  const second = await thief.orders.create({ planId: 'BASIC' });
  await scanAndPay(stack, second.codeUrl);
  const two = await until(() => tap.told.findLast((told) => told.body !== one.body), {
    what: 'the second notification',
  });
  await thief.orders.waitUntilPaid(second.id, { everyMs: 50 });
  expect((await tell({ headers: one.headers, body: two.body })).status).toBe(401);
  expect((await tell({ headers: two.headers, body: one.body })).status).toBe(401);
  expect((await buyer.quota.balance()).available).toBe(100);
  expect((await thief.quota.balance()).available).toBe(100);
  expect((await thief.orders.get(wanted.id)).status).toBe('pending');
});

test('while Redis is away: signing in, buying, creating, watching and cancelling work; the work itself waits for it', async () => {
  await redis.kill();
  const ys = await basicMember(stack);
  const photo = (await ys.uploads.put(await smallPhoto())).id;
  const [dropped, kept] = await Promise.all([
    ys.tasks.create({ featureId: 'basic_clean', input: { photo } }),
    ys.tasks.create({ featureId: 'basic_clean', input: { photo } }),
  ]);
  expect((await ys.tasks.cancel(dropped.id)).charge.refunded).toBe(true);
  expect((await ys.quota.balance()).available).toBe(99);
  const statuses: string[] = [];
  const watched = (async () => {
    for await (const event of ys.tasks.watch(kept.id)) statuses.push(event.status);
  })();
  await until(() => statuses.includes('pending'), { what: 'the stream' });
  await redis.revive();
  await watched;
  expect(statuses.at(-1)).toBe('succeeded');
  expect((await ys.quota.balance()).available).toBe(99);
});

test('database connections killed under load: told to try again, never charged twice for one key', async () => {
  const members = await times(3, () => person());
  const over = new AbortController();
  const lanes = openLanes(stack.databaseUrl, 1);
  const list = 'SELECT id FROM information_schema.processlist WHERE db = DATABASE() AND id <> CONNECTION_ID()';
  const killing = lanes.use(async (query) => {
    while (!over.signal.aborted) {
      const [rows = []] = await query([list]);
      // One that has gone by itself is an error here, and no matter.
      for (const { id } of rows) await query([`KILL ${String(id)}`]).catch(() => undefined);
    }
  });
  const answers = await Promise.all(
    members.map(async (member) => {
      const seen: Answer[] = [];
      for (let i = 0; i < 20; i += 1) {
        let answer: Answer;
        do {
          answer = await create(member, { key: `killed-${member.userId}-${i}` });
          seen.push(answer);
        } while (answer.code === 'SERVICE_UNAVAILABLE');
      }
      return seen;
    }),
  ).finally(() => over.abort());
  await killing;
  await Promise.all([lanes.close(), database.close()]);
  database = connect(stack.databaseUrl);
  expect(Object.keys(codes(answers.flat())).filter((code) => code !== 'SERVICE_UNAVAILABLE')).toEqual(['OK']);
  for (const { userId } of members) {
    const tasks = await database.db.selectFrom('tasks').select('id').where('user_id', '=', userId).execute();
    expect(tasks.length).toBe(20);
    for (const { id } of tasks) await ended(id);
    expect(await balanceOf({ userId })).toBe(100);
  }
});

test('afterwards every invariant holds', async () => {
  expect(await runDoctor(database.db, { now: new Date() })).toEqual([]);
});
