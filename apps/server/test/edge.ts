import { randomBytes } from 'node:crypto';
import { appEnvironment, freePort, until } from '@yunshang/devstack';
import {
  testDatabase,
  testRedisUrl,
  testSandbox,
  type TestDatabase,
  type TestSandbox,
} from '@yunshang/devstack/testing';
import { newId, systemClock } from '@yunshang/db';
import type { Role } from '@yunshang/contracts';
import { createCosStorage, type Storage } from '@yunshang/pipeline';
import type { FastifyInstance } from 'fastify';
import { createServer } from '../src/app.ts';
import { readConfig } from '../src/config.ts';
import { createLog } from '../src/http/log.ts';
import { createMetrics, type Metrics } from '../src/http/metrics.ts';
import { shutDown } from '../src/http/shut-down.ts';
import { wire } from '../src/wire.ts';

/** The whole server in this process, over this worker's database, Redis and sandbox, listening on a port. */
export type Edge = {
  app: FastifyInstance;
  url: string;
  database: TestDatabase;
  sandbox: TestSandbox;
  /** The bucket the server keeps files in. */
  bucket: Storage;
  metrics: Metrics;
  drain: AbortController;
  /** Everything logged so far, one JSON line each. */
  logged(): string;
  /** Signs a new person in; `role` is given before. */
  signIn(role?: Role): Promise<Person>;
  close(): Promise<void>;
};

export type Person = { userId: string; phone: string; accessToken: string; refreshToken: string };

export async function startEdge(env: Readonly<Record<string, string>> = {}): Promise<Edge> {
  const [database, redisUrl, sandbox, port] = await Promise.all([
    testDatabase(),
    testRedisUrl(),
    testSandbox(),
    freePort(),
  ]);
  const url = `http://127.0.0.1:${port}`;
  const { databaseUrl } = database;
  const { settings } = sandbox;
  const variables = appEnvironment({ databaseUrl, redisUrl, publicUrl: url, vendorUrl: sandbox.url, settings });
  const config = readConfig({ ...variables, ...EDGE, ...env });
  const lines: string[] = [];
  const log = createLog({ level: 'debug' }, { write: (line) => void lines.push(line) });
  const metrics = createMetrics();
  const wired = wire(config, { log, clock: systemClock, metrics });
  const drain = new AbortController();
  const app = await createServer({ ...wired, metrics, log, draining: drain.signal, options: config.edge });
  await app.listen({ host: '127.0.0.1', port });
  let people = 0;
  return {
    app,
    url,
    database,
    sandbox,
    bucket: createCosStorage(config.cos),
    metrics,
    drain,
    logged: () => lines.join(''),
    signIn: async (role = 'member') => signIn({ url, database, sandbox }, { role, number: (people += 1) }),
    close: async () => {
      await shutDown({ app, drain, close: () => wired.close() });
      await database.close();
    },
  };
}

/** Every test's address is the loopback's, so it plays the proxy and names others. */
const EDGE = { TRUST_PROXY: '127.0.0.1', CORS_ORIGINS: 'https://studio.example.com' };

/** Buys BASIC the real way: order, sandbox payment, notification. */
export async function buyBasic(edge: Edge, person: Person): Promise<void> {
  const key = `buy-${person.userId}`;
  const order = await call(`${edge.url}/api/orders`, { token: person.accessToken, key, body: { planId: 'BASIC' } });
  const row = await edge.database.db
    .selectFrom('orders')
    .select('out_trade_no')
    .where('id', '=', order.body.data.id)
    .executeTakeFirstOrThrow();
  await edge.sandbox.control.pay(row.out_trade_no);
  await until(async () => {
    const { body } = await call(`${edge.url}/api/orders/${order.body.data.id}`, { token: person.accessToken });
    return body.data.status === 'paid';
  });
}

/** A task of that person that waits for a worker; its photo is a row whose object is not in storage. */
export async function createTask(edge: Edge, person: Person, key: string): Promise<Answer> {
  const assetId = newId();
  const now = new Date();
  await edge.database.db
    .insertInto('assets')
    .values({
      id: assetId,
      user_id: person.userId,
      kind: 'upload',
      status: 'ready',
      object_key: `u/${person.userId}/uploads/${assetId}.jpg`,
      content_type: 'image/jpeg',
      bytes: 100_000,
      width: 768,
      height: 1024,
      sha256: Buffer.alloc(32),
      created_at: now,
    })
    .execute();
  const form = await call(`${edge.url}/api/features/basic_clean/form`, { token: person.accessToken });
  const field = form.body.data.fields.find(({ type }: { type: string }) => type === 'image').key;
  const body = { featureId: 'basic_clean', input: { [field]: assetId } };
  return call(`${edge.url}/api/tasks`, { token: person.accessToken, key, body });
}

/** A call to a procedure as a tRPC client makes it, or to a REST route, with the answer's body parsed. */
export async function call(url: string, init: CallInit = {}): Promise<Answer> {
  const { token, key, body, headers, method = body === undefined ? 'GET' : 'POST' } = init;
  const response = await fetch(url, {
    method,
    headers: {
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...(key === undefined ? {} : { 'idempotency-key': key }),
      ...headers,
    },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  const text = await response.text();
  const isJson = response.headers.get('content-type')?.startsWith('application/json') === true && text !== '';
  return { status: response.status, headers: response.headers, body: isJson ? JSON.parse(text) : undefined, text };
}

export type CallInit = {
  method?: string;
  token?: string | undefined;
  key?: string;
  /** A string is sent as it is. */
  body?: unknown;
  headers?: Readonly<Record<string, string>>;
};
export type Answer = { status: number; headers: Headers; body: Json; text: string };
// Tests read into answers of every shape.
// oxlint-disable-next-line typescript/no-explicit-any
export type Json = any;

async function signIn(
  { url, database, sandbox }: { url: string; database: TestDatabase; sandbox: TestSandbox },
  { role, number }: { role: Role; number: number },
): Promise<Person> {
  const phone = `+861390000${String(number).padStart(4, '0')}`;
  const tokens = await exchange(url, sandbox, phone);
  if (role === 'member') return { phone, ...tokens };
  await database.db.updateTable('users').set({ role }).where('id', '=', tokens.userId).execute();
  await database.db.deleteFrom('sms_limits').execute();
  return { phone, ...(await exchange(url, sandbox, phone)) };
}

async function exchange(url: string, sandbox: TestSandbox, phone: string) {
  const headers = { 'x-forwarded-for': `10.1.${randomBytes(1)[0]}.${randomBytes(1)[0]}` };
  const sent = await call(`${url}/api/auth/request-code`, { body: { phone }, headers });
  if (sent.status !== 200) throw new Error(`no code: ${sent.text}`);
  const code = await sandbox.control.smsCode(phone);
  const answer = await call(`${url}/api/auth/sign-in`, { body: { phone, code }, headers });
  if (answer.status !== 200) throw new Error(`no tokens: ${answer.text}`);
  const { userId, accessToken, refreshToken } = answer.body.data;
  return { userId, accessToken, refreshToken };
}
