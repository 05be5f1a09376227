import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newId } from '@yunshang/db';
import { until } from '@yunshang/devstack';
import { runDoctor } from '@yunshang/guard';
import {
  createYunshang,
  isYunshangError,
  memoryStorage,
  type BatchEvent,
  type TaskEvent,
  type Yunshang,
} from '../src/index.ts';
import { startServer, type TestServer } from './server.ts';

let server: TestServer;
let people = 0;

beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.stop());

type Options = Omit<Parameters<typeof createYunshang>[0], 'baseUrl'>;

async function newPerson(options: Options = {}): Promise<{ ys: Yunshang; userId: string; phone: string }> {
  const ys = createYunshang({ baseUrl: `${server.url}/`, ...options });
  const phone = `+861380000${String((people += 1)).padStart(4, '0')}`;
  const sent = await ys.auth.requestCode({ phone });
  expect(sent).toEqual({ expiresInSeconds: 300, retryAfterSeconds: 60 });
  const { userId } = await ys.auth.signIn({ phone, code: await server.sandbox.control.smsCode(phone) });
  return { ys, userId, phone };
}

async function newMember(options: Options = {}) {
  const person = await newPerson(options);
  const order = await person.ys.orders.create({ planId: 'BASIC' });
  const { out_trade_no } = await server.database.db
    .selectFrom('orders')
    .select('out_trade_no')
    .where('id', '=', order.id)
    .executeTakeFirstOrThrow();
  const paying = person.ys.orders.waitUntilPaid(order.id, { everyMs: 20 });
  await server.sandbox.control.pay(out_trade_no);
  expect(await paying).toMatchObject({ status: 'paid', amountFen: 9900, codeUrl: null });
  return person;
}

/** Answers to basic_clean's form, naming a photo of that person that exists as a row. */
async function formInput({ ys, userId }: { ys: Yunshang; userId: string }) {
  const id = newId();
  const photo = { id, user_id: userId, kind: 'upload' as const, status: 'ready' as const, object_key: `u/${id}.jpg` };
  const facts = { content_type: 'image/jpeg', bytes: 1000, width: 800, height: 800, sha256: Buffer.alloc(32) };
  await server.database.db
    .insertInto('assets')
    .values({ ...photo, ...facts, created_at: new Date() })
    .execute();
  const { fields } = await ys.features.form('basic_clean');
  const field = fields.find(({ type }) => type === 'image');
  return { featureId: 'basic_clean', input: { [field?.key ?? 'photo']: id } };
}

const rejection = (call: Promise<unknown>): Promise<unknown> =>
  call.then(
    () => undefined,
    (error: unknown) => error,
  );

describe('a batch', () => {
  it('is bought whole, watched and cancelled, and bought once however often it is sent', async () => {
    const member = await newMember();
    const { ys } = member;
    const { featureId, input } = await formInput(member);
    const wish = { featureId, inputs: [input, input, input] };
    const options = { idempotencyKey: 'one-batch-only' };
    const [batch, again] = await Promise.all([ys.batches.create(wish, options), ys.batches.create(wish, options)]);
    expect(again).toEqual(batch);
    expect((await ys.quota.balance()).available).toBe(97);
    const events: BatchEvent[] = [];
    const ended = ys.batches.wait(batch.id, { onEvent: (event) => events.push(event) });
    await until(() => events.length === 1);
    await ys.batches.cancel(batch.id);
    expect(await ended).toMatchObject({ isDone: true, counts: { cancelled: 3 }, charge: { charged: 0, refunded: 3 } });
    expect(events.map(({ counts }) => counts.cancelled)).toEqual([0, 3]);
    expect((await ys.batches.list()).items.map(({ id }) => id)).toEqual([batch.id]);
    expect((await ys.quota.balance()).available).toBe(100);
    expect(await rejection(ys.batches.zip(batch.id))).toMatchObject({ code: 'STATE_CONFLICT' });
    expect(await rejection(ys.batches.retryFailed(batch.id))).toMatchObject({ code: 'STATE_CONFLICT' });
    const tooMany = { featureId, inputs: Array.from({ length: 51 }, () => input) };
    expect(await rejection(ys.batches.create(tooMany))).toMatchObject({ code: 'INPUT_INVALID' });
    const over = { featureId, inputs: [input, {}, input] };
    expect(await rejection(ys.batches.create(over))).toMatchObject({
      code: 'FORM_INVALID',
      details: { field: 'inputs.1', issues: [{ field: 'inputs.1.photo' }] },
    });
  });
});

describe('a journey', () => {
  it('signs in, buys, spends, watches, cancels and signs out', async () => {
    const member = await newMember();
    const { ys } = member;
    expect((await ys.plans.list()).map(({ planId }) => planId)).toEqual(['BASIC', 'PRO', 'PREMIUM']);
    expect(await ys.account.get()).toMatchObject({ userId: member.userId, role: 'member', membership: { level: 1 } });
    expect((await ys.features.list()).map(({ featureId }) => featureId)).toContain('basic_clean');
    expect((await ys.quota.balance()).available).toBe(100);
    const task = await ys.tasks.create(await formInput(member));
    expect(task).toMatchObject({ status: 'pending', charge: { cost: 1 } });
    expect((await ys.quota.balance()).available).toBe(99);
    const events: TaskEvent[] = [];
    const ended = ys.tasks.wait(task.id, { onEvent: (event) => events.push(event) });
    await until(() => events.length === 1);
    await ys.tasks.cancel(task.id);
    expect(await ended).toMatchObject({ status: 'cancelled', charge: { charged: 0, refunded: true } });
    expect(events.map(({ status }) => status)).toEqual(['pending', 'cancelled']);
    const { items } = await ys.quota.history({ limit: 10 });
    expect(items.map(({ kind, amount }) => [kind, amount])).toEqual([
      ['refund', 1],
      ['charge', -1],
      ['grant', 100],
    ]);
    expect((await ys.tasks.list({ status: 'cancelled' })).items.map(({ id }) => id)).toEqual([task.id]);
    expect(await ys.assets.list()).toEqual({ items: [], nextCursor: null });
    expect((await ys.auth.sessions()).map(({ current }) => current)).toEqual([true]);
    await ys.auth.signOut();
    expect(await ys.auth.isSignedIn()).toBe(false);
    expect(isYunshangError(await rejection(ys.account.get()), 'UNAUTHENTICATED')).toBe(true);
  });

  it('keeps one key over all tries of a call, and another for each call', async () => {
    const keys: string[] = [];
    let failures = 2;
    const flaky: typeof fetch = async (input, init) => {
      const key = new Headers(init?.headers).get('idempotency-key');
      if (key !== null) keys.push(key);
      const response = await fetch(input, init);
      if (key !== null && failures > 0) {
        failures -= 1;
        await response.body?.cancel();
        throw new TypeError('fetch failed'); // the server has done it; its answer got lost
      }
      return response;
    };
    const member = await newMember({ fetch: flaky });
    const input = await formInput(member);
    failures = 2;
    keys.length = 0;
    await member.ys.tasks.create(input);
    expect(keys).toHaveLength(3);
    expect(new Set(keys).size).toBe(1);
    expect((await member.ys.quota.balance()).available).toBe(99);
    await member.ys.tasks.create(input);
    expect(new Set(keys).size).toBe(2);
    const again = await member.ys.tasks.create(input, { idempotencyKey: keys[0] ?? '' });
    expect((await member.ys.tasks.list()).items.at(-1)?.id).toBe(again.id);
    expect((await member.ys.quota.balance()).available).toBe(98);
  });
});

describe('errors', () => {
  it('carry code, texts, status, request id and details', async () => {
    const { ys } = await newPerson();
    const error = await rejection(ys.tasks.create({ featureId: 'basic_clean', input: {} }));
    expect(isYunshangError(error, 'FORM_INVALID')).toBe(true);
    expect(error).toMatchObject({
      name: 'YunshangError',
      status: 400,
      retryable: false,
      zh: expect.stringContaining('表单'),
    });
    expect(error).toMatchObject({ details: { issues: [{ field: expect.stringContaining('') }] } });
    expect(error).toMatchObject({ requestId: expect.stringMatching(/^[0-9A-Z]{26}$/) });
    expect(isYunshangError(error, 'QUOTA_INSUFFICIENT')).toBe(false);
    expect(isYunshangError(new Error('another'))).toBe(false);
  });

  it('are NETWORK_ERROR where nobody answers, and ABORTED where the caller gave up', async () => {
    const nobody = createYunshang({ baseUrl: 'http://127.0.0.1:1' });
    expect(await rejection(nobody.plans.list())).toMatchObject({ code: 'NETWORK_ERROR', status: 0, retryable: true });
    const ys = createYunshang({ baseUrl: server.url });
    expect(await rejection(ys.plans.list({ signal: AbortSignal.abort() }))).toMatchObject({ code: 'ABORTED' });
    const html = createYunshang({
      baseUrl: server.url,
      fetch: async () => new Response('<h1>502</h1>', { status: 502, headers: { 'content-type': 'text/html' } }),
    });
    expect(await rejection(html.plans.list())).toMatchObject({ code: 'NETWORK_ERROR', status: 502 });
  });
});

describe('sessions', () => {
  it('are renewed once however many calls find the token old', async () => {
    const storage = memoryStorage();
    let refreshes = 0;
    const counting: typeof fetch = (input, init) => {
      if (new Request(input, init).url.includes('auth.refresh')) refreshes += 1;
      return fetch(input, init);
    };
    const { ys, userId } = await newPerson({ storage, fetch: counting });
    const stored = JSON.parse(String(await storage.get('yunshang.session')));
    await storage.set('yunshang.session', JSON.stringify({ ...stored, accessEndsAtMs: Date.now() + 1_000 }));
    const accounts = await Promise.all(Array.from({ length: 8 }, () => ys.account.get()));
    expect(accounts.every((account) => account.userId === userId)).toBe(true);
    expect(refreshes).toBe(1);
    const renewed = JSON.parse(String(await storage.get('yunshang.session')));
    expect(renewed.refreshToken).not.toBe(stored.refreshToken);
  });

  it('are renewed when the server refuses a token that looked good', async () => {
    const storage = memoryStorage();
    const { ys, userId } = await newPerson({ storage });
    const stored = JSON.parse(String(await storage.get('yunshang.session')));
    await storage.set(
      'yunshang.session',
      JSON.stringify({ ...stored, accessToken: 'eyJhbGciOiJIUzI1NiJ9.eyJ4IjoxfQ.broken' }),
    );
    expect((await ys.account.get()).userId).toBe(userId);
  });

  it('that ended elsewhere are forgotten, and the application is told once', async () => {
    let told = 0;
    const storage = memoryStorage();
    const { ys } = await newPerson({ storage, onSignedOut: () => (told += 1) });
    const [session] = await ys.auth.sessions();
    await ys.auth.endSession(session?.id ?? '');
    expect(await rejection(ys.account.get())).toMatchObject({
      code: expect.stringMatching(/SESSION_ENDED|UNAUTHENTICATED/),
    });
    expect(await storage.get('yunshang.session')).toBeUndefined();
    expect(told).toBe(1);
  });
});

describe('watching', () => {
  it('survives a server that is killed and comes back, missing and repeating nothing', async () => {
    const member = await newMember();
    const task = await member.ys.tasks.create(await formInput(member));
    const events: string[] = [];
    const watching = (async () => {
      for await (const { status } of member.ys.tasks.watch(task.id)) events.push(status);
    })();
    await until(() => events.length === 1);
    server.process.kill('SIGKILL');
    await server.process.exited();
    await server.process.restart();
    await member.ys.tasks.cancel(task.id);
    await watching;
    expect(events).toEqual(['pending', 'cancelled']);
  });

  it('goes on when the server shuts down politely', async () => {
    const member = await newMember();
    const task = await member.ys.tasks.create(await formInput(member));
    const events: string[] = [];
    const watching = (async () => {
      for await (const { status } of member.ys.tasks.watch(task.id)) events.push(status);
    })();
    await until(() => events.length === 1);
    server.process.kill('SIGTERM');
    expect(await server.process.exited()).toBe(0);
    await server.process.restart();
    await member.ys.tasks.cancel(task.id);
    await watching;
    expect(events).toEqual(['pending', 'cancelled']);
  });

  it('stops with ABORTED when told, and at once for a task that is not yours', async () => {
    const member = await newMember();
    const task = await member.ys.tasks.create(await formInput(member));
    const abort = new AbortController();
    const watching = rejection(member.ys.tasks.wait(task.id, { signal: abort.signal, onEvent: () => abort.abort() }));
    expect(await watching).toMatchObject({ code: 'ABORTED' });
    const stranger = await newPerson();
    expect(await rejection(stranger.ys.tasks.wait(task.id))).toMatchObject({ code: 'TASK_NOT_FOUND', status: 404 });
  });
});

// 600 × 600 of one colour.
const png = async (): Promise<Uint8Array<ArrayBuffer>> => {
  const { default: sharp } = await import('sharp');
  return new Uint8Array(
    await sharp({ create: { width: 600, height: 600, channels: 3, background: '#8899aa' } })
      .png()
      .toBuffer(),
  );
};

describe('uploads', () => {
  it('go straight to the bucket and come back as an asset and as bytes', async () => {
    const { ys, userId } = await newPerson();
    const bytes = await png();
    const progress: number[] = [];
    const asset = await ys.uploads.put(bytes, { onProgress: ({ sentBytes }) => progress.push(sentBytes) });
    expect(asset).toMatchObject({
      kind: 'upload',
      contentType: 'image/png',
      width: 600,
      height: 600,
      bytes: bytes.length,
    });
    expect(progress).toEqual([0, bytes.length]);
    expect((await ys.assets.list({ kind: 'upload' })).items.map(({ id }) => id)).toEqual([asset.id]);
    expect(Buffer.from(await ys.assets.download(asset.id)).equals(Buffer.from(bytes))).toBe(true);
    expect(Date.parse((await ys.assets.link(asset.id)).expiresAt)).toBeGreaterThan(Date.now());
    expect((await server.sandbox.control.objects(`u/${userId}/`)).length).toBe(1);
  });

  it('are refused by their bytes', async () => {
    const { ys } = await newPerson();
    const text = new TextEncoder().encode('not a picture at all');
    expect(await rejection(ys.uploads.put(text))).toMatchObject({ code: 'IMAGE_REFUSED', details: { field: 'file' } });
    const big = new Uint8Array(11 * 1024 * 1024);
    expect(await rejection(ys.uploads.put(big))).toMatchObject({
      code: 'INPUT_INVALID',
      details: { issues: [{ field: 'sizeBytes' }] },
    });
  });
});

it('leaves nothing for the doctor to find', async () => {
  expect(await runDoctor(server.database.db, { now: new Date() })).toEqual([]);
});
