import { connect, newId, type Database } from '@yunshang/db';
import { makeMember, startStack, until, type MadeMember, type MemberOptions, type Stack } from '@yunshang/devstack';
import { runDoctor } from '@yunshang/guard';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import {
  accessToken,
  addNotedClean,
  idIn,
  send,
  type Answer,
  type Attacker,
  type Forgery,
  type Send,
} from '../src/hostile.ts';
import { signedIn } from '../src/members.ts';

let stack: Stack;
let database: Database;
let mallory: MadeMember & Attacker;
let victim: MadeMember & Attacker;

vi.setConfig({ testTimeout: 60_000 });

beforeAll(async () => {
  stack = await startStack({ timeScale: 0.01, env: { OUTBOX_POLL_MS: '100' } });
  database = connect(stack.databaseUrl);
  await addNotedClean(database.db);
  [mallory, victim] = await Promise.all([person(), person()]);
});
afterAll(async () => {
  await database?.close();
  await stack?.stop();
});

async function person(options: MemberOptions = {}): Promise<MadeMember & Attacker> {
  const made = await makeMember(database.db, options);
  return { ...made, token: accessToken(stack, made) };
}
const key = (): string => `abuse-${newId()}`;
const as = (who: Attacker, path: string, init: Send = {}): Promise<Answer> =>
  send(stack, path, { token: who.token, key: key(), ...init });
const noted = (who: MadeMember, input: object = {}): object => ({
  featureId: 'noted_clean',
  input: { photo: who.assetId, ...input },
});
const count = async (table: 'tasks' | 'orders' | 'quota_logs' | 'outbox' | 'idempotency_keys'): Promise<number> =>
  Number(
    (
      await database.db
        .selectFrom(table)
        .select(({ fn }) => fn.countAll().as('n'))
        .executeTakeFirstOrThrow()
    ).n,
  );
const balanceOf = async (who: MadeMember): Promise<number> =>
  (
    await database.db
      .selectFrom('users')
      .select('quota_remaining')
      .where('id', '=', who.userId)
      .executeTakeFirstOrThrow()
  ).quota_remaining;

/** Until the worker has ended and refunded all tasks so far: their photo is not in storage. */
async function settled(): Promise<void> {
  await until(async () => (await count('outbox')) === 0, { what: 'the tasks so far to end', timeoutMs: 30_000 });
}

const nested = (open: string, close: string, times: number): string => `${open.repeat(times)}1${close.repeat(times)}`;

/** A client's mistake, said in the catalogue's words; never our failure. */
function expectRefusal({ status, code, text }: Answer): void {
  expect({ status, code, text: text.slice(0, 200) }).toMatchObject({
    code: expect.stringMatching(/^(?!INTERNAL|NO_CODE|OK$)/),
  });
  expect(status).toBeGreaterThanOrEqual(400);
  expect(status).toBeLessThan(500);
}

test.each([
  ['quotes and comments', `'; DROP TABLE tasks; -- " \` /* */ # ?`],
  ['backslashes before a quote', `\\' \\\\' \\`],
  ['as many backslashes as fit', `${'\\'.repeat(199)}'`],
  ['emoji, plane 16 and joiners', '🧥👨‍👩‍👧\u{10fffd}'],
  ['line separators and byte order marks', '\u2028\u2029\ufeff\ufffe'],
  ['names of the language', '__proto__ constructor ${input_data.photo} {{7*7}} %00 %s'],
])('a title of %s is kept as it was written', async (_what, title) => {
  const made = await as(mallory, '/api/tasks', { body: noted(mallory, { title }) });
  expect(made.code).toBe('OK');
  const { text } = await as(mallory, `/api/tasks/${idIn(made)}`);
  expect(text).toContain(`"title":${JSON.stringify(title)}`);
});

test('texts and shapes no form takes are refused with the field, and nothing of them is written', async () => {
  await settled();
  const before = await Promise.all([count('tasks'), count('quota_logs'), count('outbox'), count('idempotency_keys')]);
  const photo = `"photo":"${mallory.assetId}"`;
  const inputs = [
    ...['\\u0000', 'a\\u0000b', '\\ud800', '\\udc00x', '\\u001a', '\\u007f', 'x'.repeat(100_000)].map(
      (title) => `"${title}"`,
    ),
    nested('[', ']', 100_000),
    nested('{"a":', '}', 30_000),
    '1e400',
    '-1',
    '{}',
    'null',
  ].map((title) => `{${photo},"title":${title}}`);
  inputs.push(`{${photo},"constructor":1}`, `{${photo},"toString":"x"}`, `{"photo":["${mallory.assetId}"]}`);
  inputs.push(
    `{"photo":"${mallory.assetId.slice(1)}'"}`,
    `{"photo":"../../${mallory.assetId}"}`,
    '{}',
    '[]',
    '"x"',
    '1',
  );
  inputs.push(`{${Array.from({ length: 8_000 }, (_, i) => `"k${i}":1`).join(',')}}`);
  for (const input of inputs)
    for (const path of ['/api/tasks', '/trpc/tasks.create']) {
      const answer = await as(mallory, path, { body: `{"featureId":"noted_clean","input":${input}}` });
      expectRefusal(answer);
      expect(['INPUT_INVALID', 'FORM_INVALID']).toContain(answer.code);
    }
  for (const bad of [
    `x'; DROP TABLE users; --`,
    'a'.repeat(4_000),
    '',
    '\u00ff\u00fe\u00fd\u00fc\u00fb\u00fa\u00f9\u00f8',
  ])
    expectRefusal(await as(mallory, '/api/tasks', { key: bad, body: noted(mallory) }));
  // Jobs of the tests before may end meanwhile; none may be added.
  const after = await Promise.all([count('tasks'), count('quota_logs'), count('outbox'), count('idempotency_keys')]);
  expect(after[0]).toBe(before[0]);
  expect(after[3]).toBe(before[3]);
  expect(after[2]).toBeLessThanOrEqual(before[2]);
});

test('bodies, types, methods and addresses nobody sends get a client error on every edge', async () => {
  const json = { 'content-type': 'application/json' };
  for (const path of ['/api/tasks', '/trpc/tasks.create', '/api/orders', '/trpc/auth.signIn'])
    for (const [body, headers] of [
      ['{"a":', json],
      ['', json],
      ['[]', json],
      ['"x"', json],
      ['x'.repeat(300_000), json],
      ['['.repeat(200_000), json],
      ['<a/>', { 'content-type': 'application/xml' }],
      ['{}', { 'content-type': 'text/plain' }],
      ['{}', { 'content-type': 'application/json;;;=' }],
      ['{}', { ...json, 'content-encoding': 'gzip' }],
      ['{"__proto__":{"featureId":"basic_clean"}}', json],
    ] as const)
      expectRefusal(await as(mallory, path, { body, headers }));
  const procedures = ['__proto__', 'constructor', 'tasks', 'tasks.create', '%00', '%zz', 'a'.repeat(3_000)];
  const addresses = procedures.flatMap((name) => [`/trpc/${name}`, `/api/${name}`, `/api/tasks/${name}`]);
  addresses.push('/api/tasks?limit=-1', '/api/tasks?limit=1&limit=2', '/api/tasks?limit=1e3', "/api/tasks?cursor='");
  addresses.push('/api/tasks?x=1', '/api/quota/history?cursor=99999999999999999999', '/trpc/tasks.list?input=%7B');
  addresses.push('/trpc/tasks.list?input=null', '/trpc/tasks.list?batch=1&input=x');
  addresses.push(`/trpc/${Array.from({ length: 60 }, () => 'plans.list').join(',')}?batch=1&batch=1`);
  for (const address of addresses.filter((one) => one !== '/api/tasks')) expectRefusal(await as(mallory, address));
  for (const method of ['PUT', 'PATCH', 'DELETE'])
    expectRefusal(await as(mallory, '/trpc/tasks.create', { method, body: {} }));
  expect((await as(mallory, '/api/tasks')).code).toBe('OK');
});

test('no field, value or place lets a client name a cost, a price, an owner or an address to notify', async () => {
  await settled();
  const [orders, balance] = [await count('orders'), await balanceOf(mallory)];
  for (const field of ['quotaCost', 'quota_cost', 'cost', 'amount', 'userId', 'user_id', 'chargeId'])
    for (const value of [-5000, 0, 0.5, 1e21, '1', null]) {
      expectRefusal(await as(mallory, '/api/tasks', { body: { ...noted(mallory), [field]: value } }));
      expectRefusal(await as(mallory, '/trpc/tasks.create', { body: noted(mallory, { [field]: value }) }));
    }
  for (const field of [
    'amountFen',
    'priceFen',
    'amount',
    'notifyUrl',
    'notify_url',
    'userId',
    'version',
    'quota',
    'status',
  ])
    for (const path of ['/api/orders', '/trpc/orders.create', '/trpc/orders.create?batch=1']) {
      const body = { planId: 'BASIC', [field]: field.endsWith('rl') ? 'https://evil.example/' : 1 };
      expectRefusal(await as(mallory, path, { body: path.endsWith('1') ? { 0: body } : body }));
    }
  for (const planId of ['FREE', 'basic', 'BASIC ', "BASIC'--", '', null, 1, ['BASIC']])
    expectRefusal(await as(mallory, '/api/orders', { body: { planId } }));
  for (const size of [-1, 0, 1.5, 1e9, '10'])
    expectRefusal(await as(mallory, '/api/uploads', { body: { contentType: 'image/png', sizeBytes: size } }));
  for (const extra of [
    { contentType: 'text/html' },
    { contentType: 'image/svg+xml' },
    { key: '../x' },
    { assetId: newId() },
  ])
    expectRefusal(await as(mallory, '/api/uploads', { body: { contentType: 'image/png', sizeBytes: 10, ...extra } }));
  expect([await count('orders'), await balanceOf(mallory)]).toEqual([orders, balance]);
});

test('what belongs to somebody else is not there: orders, tasks, streams, files, sessions', async () => {
  const task = idIn(await as(victim, '/api/tasks', { body: noted(victim), key: 'the-same-key-for-both' }));
  const refusals: [string, Send, string][] = [
    [`/api/orders/${victim.orderId}`, {}, 'ORDER_NOT_FOUND'],
    [`/api/tasks/${task}`, {}, 'TASK_NOT_FOUND'],
    [`/api/tasks/${task}/cancel`, { body: {} }, 'TASK_NOT_FOUND'],
    [`/api/tasks/${task}/events`, {}, 'TASK_NOT_FOUND'],
    [`/trpc/tasks.watch?input=${encodeURIComponent(JSON.stringify({ taskId: task }))}`, {}, 'TASK_NOT_FOUND'],
    [`/api/assets/${victim.assetId}/download`, {}, 'ASSET_NOT_FOUND'],
    [`/api/uploads/${victim.assetId}/complete`, { body: {} }, 'ASSET_NOT_FOUND'],
    [`/api/auth/sessions/${victim.sessionId}`, { method: 'DELETE' }, 'SESSION_NOT_FOUND'],
    ['/api/tasks', { body: noted(victim) }, 'FORM_INVALID'],
  ];
  for (const [path, init, code] of refusals) expect([path, (await as(mallory, path, init)).code]).toEqual([path, code]);
  const own = await as(mallory, '/api/tasks', { body: noted(mallory), key: 'the-same-key-for-both' });
  expect(idIn(own)).not.toBe(task);
  for (const path of ['/api/tasks', '/api/assets?kind=upload', '/api/quota/history'])
    expect((await as(mallory, path)).text).not.toContain(victim.assetId);
});

test('nothing but a fresh access token of ours opens anything', async () => {
  const ys = await signedIn(stack);
  const account = await ys.account.get();
  const other = Buffer.alloc(32, 1).toString('base64');
  const forgeries: Forgery[] = [
    { key: other },
    { key: stack.environment['REFRESH_TOKEN_KEYS'] ?? '' },
    { header: { alg: 'HS512' }, hash: 'sha512' },
    { header: { alg: 'none' } },
    { header: { typ: 'JWT' } },
    { header: { kid: '__proto__' } },
    { header: { crit: ['b64'], b64: false } },
    { claims: { exp: 1 } },
    { claims: { exp: undefined } },
    { claims: { nbf: Date.now() } },
    { claims: { aud: 'else' } },
    { claims: { iss: 'else' } },
    { claims: { sub: account.userId } },
    { claims: { sid: newId() } },
    { claims: { sid: { $ne: null } } },
  ];
  const tokens = forgeries.map((forgery) => accessToken(stack, mallory, forgery));
  const [head = '', body = ''] = mallory.token.split('.');
  const none = Buffer.from('{"alg":"none","typ":"at+jwt","kid":"1"}').toString('base64url');
  tokens.push(`${none}.${body}.`, `${head}.${body}.`, `${head}.${body}`, 'x'.repeat(20), `${mallory.token}x`);
  for (const token of tokens) {
    const { status, code } = await send(stack, '/api/tasks', { token });
    expect([status, ['UNAUTHENTICATED', 'TOKEN_EXPIRED', 'SESSION_ENDED'].includes(code)]).toEqual([401, true]);
  }
  const refreshed = await send(stack, '/api/auth/refresh', { body: { refreshToken: mallory.token } });
  expect(refreshed.status).toBeGreaterThanOrEqual(400);
});

test('a refresh token is no access token, and one code signs in once however often it is sent at the same time', async () => {
  const phone = '+8613900000777';
  expect((await send(stack, '/api/auth/request-code', { body: { phone } })).code).toBe('OK');
  const code = await stack.sandbox.control.smsCode(phone);
  const tries = await Promise.all(
    Array.from({ length: 10 }, () => send(stack, '/api/auth/sign-in', { body: { phone, code } })),
  );
  const won = tries.filter((answer) => answer.code === 'OK');
  expect(won.length).toBe(1);
  expect(new Set(tries.filter((answer) => answer.code !== 'OK').map((answer) => answer.code))).toEqual(
    new Set(['SMS_CODE_INVALID']),
  );
  const token = /"refreshToken":"([^"]+)"/.exec(won[0]?.text ?? '')?.[1];
  expect(token).toMatch(/^ysr_/);
  expect(await send(stack, '/api/tasks', { token })).toMatchObject({ status: 401, code: 'UNAUTHENTICATED' });
});

test('every operation that names a role is closed to strangers, and roles are given by admins alone', async () => {
  const { text } = await send(stack, '/api/openapi.json');
  const operations = [...text.matchAll(/"(\/api\/[^"]+)":\{|"(get|post|put|delete)":\{"operationId":"([^"]+)"/g)];
  let path = '';
  let closed = 0;
  for (const [, address, method, name] of operations) {
    path = address ?? path;
    if (method === undefined || name === undefined || address !== undefined) continue;
    if (['auth.requestCode', 'auth.signIn', 'auth.refresh', 'plans.list'].includes(name)) continue;
    const init = method === 'get' ? {} : { method: method.toUpperCase(), body: {}, key: key() };
    const answer = await send(stack, path.replaceAll(/\{\w+\}/g, newId()), init);
    expect([name, answer.status, answer.code]).toEqual([name, 401, 'UNAUTHENTICATED']);
    closed += 1;
  }
  expect(closed).toBeGreaterThan(15);
  for (const role of ['admin', 'operator'] as const) {
    const body = { userId: mallory.userId, role };
    expect((await as(mallory, '/trpc/users.setRole', { body })).code).toBe('FORBIDDEN');
    const answer = await as(mallory, `/api/users/${mallory.userId}/role`, { method: 'PUT', body: { role } });
    expect(answer.code).toBe('FORBIDDEN');
  }
});

test('a webhook with anything but WeChat Pay’s own bytes is refused, whatever its size, shape or headers', async () => {
  const now = String(Math.floor(Date.now() / 1000));
  const known = stack.environment['WECHAT_PLATFORM_KEY_ID'] ?? '';
  const signed = { 'wechatpay-timestamp': now, 'wechatpay-nonce': 'n', 'wechatpay-serial': known };
  for (const [body, headers] of [
    ['', {}],
    ['{}', {}],
    ['['.repeat(60_000), { 'content-type': 'application/json' }],
    ['x'.repeat(200_000), {}],
    ['{}', { 'content-type': 'application/json;;;=' }],
    ['{}', { ...signed, 'wechatpay-signature': 'AAAA' }],
    ['{}', { ...signed, 'wechatpay-signature': '%%%' }],
    ['{}', { ...signed, 'wechatpay-serial': '__proto__', 'wechatpay-signature': 'AAAA' }],
    ['{}', { ...signed, 'wechatpay-timestamp': 'NaN', 'wechatpay-signature': 'AAAA' }],
    ['{}', { ...signed, 'wechatpay-timestamp': '9'.repeat(30), 'wechatpay-signature': 'AAAA' }],
  ] as const) {
    const { status } = await send(stack, '/api/webhooks/wechat/pay', { method: 'POST', body, headers });
    expect([401, 413]).toContain(status);
  }
});

test('a header can not change whose calls are counted', async () => {
  const tries = Array.from({ length: 140 }, (_, i) => i);
  const answers = await Promise.all(
    tries.map((i) =>
      send(stack, '/api/auth/sign-in', {
        body: { phone: '+8613900000888', code: '000000' },
        headers: { 'x-forwarded-for': `10.0.${i}.1`, 'x-real-ip': `10.0.${i}.2`, forwarded: `for=10.0.${i}.3` },
      }),
    ),
  );
  expect(answers.filter((answer) => answer.code === 'RATE_LIMITED').length).toBeGreaterThan(10);
});

test('afterwards every invariant holds', async () => {
  expect(await runDoctor(database.db, { now: new Date() })).toEqual([]);
});
