import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { call, startEdge, type Edge, type Person } from './edge.ts';

let edge: Edge;
let member: Person;

beforeAll(async () => {
  edge = await startEdge();
  member = await edge.signIn();
});
afterAll(() => edge.close());

const trpc = (path: string): string => `${edge.url}/trpc/${path}`;
const api = (path: string): string => `${edge.url}/api${path}`;

describe('what is not a call', () => {
  it('answers an unknown route in the envelope', async () => {
    const answer = await call(api('/nowhere'));
    expect(answer).toMatchObject({ status: 404, body: { success: false, data: null, code: 'ROUTE_NOT_FOUND' } });
    expect(answer.body.requestId).toBe(answer.headers.get('x-request-id'));
    expect(answer.body.message).toBe('接口不存在');
  });

  it('answers an unknown procedure in the shape of tRPC, for queries and mutations', async () => {
    for (const body of [undefined, {}]) {
      const answer = await call(trpc('nothing.here'), { body });
      expect(answer.status).toBe(404);
      expect(answer.body.error.data).toMatchObject({ code: 'ROUTE_NOT_FOUND', httpStatus: 404, retryable: false });
      expect(answer.body.error.data.requestId).toBe(answer.headers.get('x-request-id'));
    }
  });

  it('answers an address that is none, and an input that is no JSON', async () => {
    expect(await call(api('/%zz'))).toMatchObject({ status: 404, body: { code: 'ROUTE_NOT_FOUND' } });
    const answer = await call(`${trpc('tasks.get')}?input=%7Bbad`);
    expect(answer.status).toBe(401); // who calls is asked before what
    const signedIn = await call(`${trpc('tasks.get')}?input=%7Bbad`, { token: member.accessToken });
    expect(signedIn.body.error.data).toMatchObject({ code: 'INPUT_INVALID', details: { issues: [{ rule: 'json' }] } });
  });

  it('answers an address of any length, and a HEAD, without failing', async () => {
    const long = 'a'.repeat(3_000);
    expect(await call(api(`/orders/${long}`))).toMatchObject({ status: 404, body: { code: 'ROUTE_NOT_FOUND' } });
    expect((await call(trpc(long))).body.error.data.code).toBe('ROUTE_NOT_FOUND');
    expect((await fetch(trpc('plans.list'), { method: 'HEAD' })).status).toBe(404);
    expect((await fetch(api('/plans'), { method: 'HEAD' })).status).toBeLessThan(500);
  });

  it('says which methods a REST route takes', async () => {
    const answer = await call(api('/plans'), { body: {} });
    expect(answer).toMatchObject({ status: 405, body: { code: 'METHOD_NOT_ALLOWED' } });
    expect(answer.headers.get('allow')).toBe('GET');
  });

  it('refuses a query sent as a mutation and a mutation sent as a query', async () => {
    expect((await call(trpc('plans.list'), { body: {} })).body.error.data.code).toBe('METHOD_NOT_ALLOWED');
    expect((await call(trpc('auth.requestCode'))).body.error.data.code).toBe('METHOD_NOT_ALLOWED');
  });

  it('never takes the request id from the client', async () => {
    const answer = await call(api('/plans'), { headers: { 'x-request-id': 'chosen', 'request-id': 'chosen' } });
    expect(answer.headers.get('x-request-id')).toMatch(/^[0-9A-HJKMNP-TV-Z]{26}$/);
  });
});

describe('bodies', () => {
  it('have half a minute to arrive', () => {
    expect(edge.app.server.requestTimeout).toBe(30_000);
  });

  it('refuses malformed JSON on both edges, naming the rule', async () => {
    const rest = await call(api('/auth/request-code'), { body: '{"phone":' });
    expect(rest).toMatchObject({
      status: 400,
      body: { code: 'INPUT_INVALID', details: { issues: [{ rule: 'json' }] } },
    });
    const rpc = await call(trpc('auth.requestCode'), { body: '{"phone":' });
    expect(rpc.body.error.data).toMatchObject({ code: 'INPUT_INVALID', details: { issues: [{ rule: 'json' }] } });
  });

  it('refuses another content type on both edges', async () => {
    const headers = { 'content-type': 'text/plain' };
    expect(await call(api('/auth/request-code'), { body: 'x', headers })).toMatchObject({
      status: 415,
      body: { code: 'UNSUPPORTED_MEDIA_TYPE' },
    });
    const rpc = await call(trpc('auth.requestCode'), { body: 'x', headers });
    expect(rpc).toMatchObject({ status: 415, body: { error: { data: { code: 'UNSUPPORTED_MEDIA_TYPE' } } } });
  });

  it('refuses a body over 256 KB on both edges', async () => {
    const body = JSON.stringify({ phone: 'x'.repeat(300 * 1024) });
    expect(await call(api('/auth/request-code'), { body })).toMatchObject({
      status: 413,
      body: { code: 'PAYLOAD_TOO_LARGE' },
    });
    expect((await call(trpc('auth.requestCode'), { body })).body.error.data.code).toBe('PAYLOAD_TOO_LARGE');
  });

  it('names each field that is wrong, with both languages', async () => {
    const answer = await call(api('/auth/sign-in'), { body: { phone: '123', code: 4, extra: true } });
    expect(answer.status).toBe(400);
    const fields = answer.body.details.issues.map((issue: { field: string }) => issue.field);
    expect(fields.toSorted()).toEqual(['code', 'extra', 'phone']);
    for (const issue of answer.body.details.issues)
      expect([issue.zh, issue.en].every((text) => text.length > 0)).toBe(true);
  });

  it('takes numbers from a query string and refuses what is none', async () => {
    const token = member.accessToken;
    expect((await call(api('/quota/history?limit=5'), { token })).status).toBe(200);
    const refused = await call(api('/quota/history?limit=five'), { token });
    expect(refused).toMatchObject({ status: 400, body: { details: { issues: [{ field: 'limit' }] } } });
  });

  it('refuses a field given in the path and in the body', async () => {
    const answer = await call(api(`/users/${member.userId}/role`), {
      method: 'PUT',
      token: member.accessToken,
      body: { userId: member.userId, role: 'admin' },
    });
    expect(answer).toMatchObject({ status: 400, body: { details: { issues: [{ field: 'userId' }] } } });
  });
});

describe('batches', () => {
  it('answers a batch of queries together, 207 when they differ', async () => {
    const input = encodeURIComponent(JSON.stringify({ 0: null, 1: null }));
    const answer = await call(`${trpc('plans.list,account.get')}?batch=1&input=${input}`);
    expect(answer.status).toBe(207);
    expect(answer.body[0].result.data.items).toHaveLength(3);
    expect(answer.body[1].error.data.code).toBe('UNAUTHENTICATED');
  });

  it('answers a batch of mutations, each for itself', async () => {
    const answer = await call(`${trpc('auth.signOut,auth.refresh')}?batch=1`, {
      body: { 1: { refreshToken: 'short' } },
    });
    expect(answer.body.map((one: { error: { data: { code: string } } }) => one.error.data.code)).toEqual([
      'UNAUTHENTICATED',
      'INPUT_INVALID',
    ]);
  });

  it('does not let calls share an Idempotency-Key', async () => {
    const order = { planId: 'BASIC' };
    const answer = await call(`${trpc('orders.create,orders.create')}?batch=1`, {
      token: member.accessToken,
      key: 'one-key-for-two',
      body: { 0: order, 1: order },
    });
    expect(answer.status).toBe(400);
    expect(answer.body[0].error.data.code).toBe('IDEMPOTENCY_KEY_REQUIRED');
  });

  it('refuses more than 20 calls', async () => {
    const answer = await call(`${trpc(Array.from({ length: 21 }, () => 'plans.list').join(','))}?batch=1`);
    expect(answer.body.error.data.code).toBe('PAYLOAD_TOO_LARGE');
  });

  it('is told apart from a single call in one way only: saying batch twice gains nothing', async () => {
    const many = await call(`${trpc(Array.from({ length: 21 }, () => 'plans.list').join(','))}?batch=1&batch=1`);
    expect(many.body.error.data.code).toBe('PAYLOAD_TOO_LARGE');
    const shared = await call(`${trpc('orders.create')}?batch=1&batch=1`, {
      token: member.accessToken,
      key: 'one-key-for-one',
      headers: { 'trpc-accept': 'application/json' },
      body: { 0: { planId: 'NO_PLAN' }, 1: { planId: 'NO_PLAN' } },
    });
    expect(shared.body[0].error.data.code).toBe('PLAN_NOT_FOUND');
    const two = await call(`${trpc('orders.create,orders.create')}?batch=1&batch=1`, {
      token: member.accessToken,
      key: 'one-key-for-two',
      headers: { 'trpc-accept': 'application/json' },
      body: { 0: { planId: 'BASIC' }, 1: { planId: 'BASIC' } },
    });
    expect(two.body.map((each: { error: { data: { code: string } } }) => each.error.data.code)).toEqual([
      'IDEMPOTENCY_KEY_REQUIRED',
      'IDEMPOTENCY_KEY_REQUIRED',
    ]);
  });
});

describe('idempotency keys', () => {
  it('are required and have a form', async () => {
    const token = member.accessToken;
    const body = { planId: 'BASIC' };
    expect(await call(api('/orders'), { token, body })).toMatchObject({
      status: 400,
      body: { code: 'IDEMPOTENCY_KEY_REQUIRED' },
    });
    expect(await call(api('/orders'), { token, body, key: 'no spaces please' })).toMatchObject({
      status: 400,
      body: { code: 'INPUT_INVALID', details: { issues: [{ field: 'Idempotency-Key' }] } },
    });
  });

  it('give the first answer again for the same order, on either edge', async () => {
    const token = member.accessToken;
    const first = await call(api('/orders'), { token, body: { planId: 'BASIC' }, key: 'order-0001' });
    expect(first).toMatchObject({ status: 200, body: { success: true, code: 'OK', data: { amountFen: 9900 } } });
    const again = await call(trpc('orders.create'), { token, body: { planId: 'BASIC' }, key: 'order-0001' });
    expect(again.body.result.data.id).toBe(first.body.data.id);
    const other = await call(api('/orders'), { token, body: { planId: 'PRO' }, key: 'order-0001' });
    expect(other).toMatchObject({ status: 409, body: { code: 'IDEMPOTENCY_KEY_REUSED' } });
  });
});

const ask = (origin: string) =>
  fetch(trpc('tasks.create'), {
    method: 'OPTIONS',
    headers: {
      origin,
      'access-control-request-method': 'POST',
      'access-control-request-headers': 'authorization,content-type,idempotency-key',
    },
  });

describe('browsers', () => {
  it('may call from a listed origin and from no other', async () => {
    const listed = await ask('https://studio.example.com');
    expect(listed.headers.get('access-control-allow-origin')).toBe('https://studio.example.com');
    expect(listed.headers.get('access-control-allow-headers')).toContain('idempotency-key');
    const stranger = await ask('https://evil.example.com');
    expect(stranger.headers.get('access-control-allow-origin')).not.toBe('https://evil.example.com');
    expect(stranger.headers.get('access-control-allow-origin')).not.toBe('*');
  });

  it('get the headers of helmet', async () => {
    const { headers } = await call(api('/plans'));
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('strict-transport-security')).toContain('max-age');
    expect(headers.get('x-powered-by')).toBeNull();
  });
});
