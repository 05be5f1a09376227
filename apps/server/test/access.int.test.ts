import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PERMISSIONS, ROLES, isAllowed, type Role } from '@yunshang/contracts';
import { initTRPC } from '@trpc/server';
import { appRouter } from '../src/router.ts';
import { listRestRoutes } from '../src/rest/rest-routes.ts';
import { assertPermissions, listProcedures } from '../src/trpc/procedures.ts';
import { call, startEdge, type Edge, type Person } from './edge.ts';

let edge: Edge;
const people = {} as Record<Role, Person>;
const procedures = listProcedures(appRouter);

beforeAll(async () => {
  edge = await startEdge({ RATE_LIMIT_PER_CALLER: '10000', RATE_LIMIT_PER_ADDRESS: '100000' });
  for (const role of ROLES) people[role] = await edge.signIn(role);
});
afterAll(() => edge.close());

const id = '01KANXGQ0000000000000000ZZ';
const PLAN = { planId: 'MATRIX', level: 1, title: '月', titleEn: 'Month', priceFen: 1, quota: 1, periodMonths: 1 };
const BATCH = {
  title: '码',
  quota: 1,
  grantDays: 1,
  codeCount: 1,
  expiresAt: '2999-01-01T00:00:00.000Z',
  reason: 'because',
};
const CAMPAIGN = {
  title: '活动',
  audience: { kind: 'members' },
  delivery: 'claim',
  quota: 1,
  grantDays: 1,
  totalCap: 1,
  startsAt: '2998-01-01T00:00:00.000Z',
  endsAt: '2999-01-01T00:00:00.000Z',
  reason: 'because',
};
const ISSUED = { fapiaoId: id, number: '0'.repeat(20), issuedOn: '2026-01-01', objectKey: 'fapiao/none.pdf' };
/** Inputs that pass the schema and name nothing that exists, so that access is what decides. */
const INPUTS: Readonly<Record<string, object>> = {
  'auth.requestCode': { phone: '+8613911112222' },
  'auth.signIn': { phone: '+8613911112222', code: '000000' },
  'auth.endSession': { sessionId: id },
  'account.setLowQuotaSms': { agreed: false },
  'orders.create': { planId: 'NO_SUCH_PLAN' },
  'orders.get': { orderId: id },
  'orders.list': {},
  'sales.search': {},
  'sales.get': { orderId: id },
  'refunds.request': { orderId: id, amountFen: 1, reason: 'because' },
  'refunds.get': { refundId: id },
  'refunds.list': {},
  'refunds.retry': { refundId: id },
  'refunds.giveUp': { refundId: id },
  'fapiao.addTitle': { kind: 'company', name: '云裳科技', taxNo: '91350100M000100Y4A' },
  'fapiao.removeTitle': { titleId: id },
  'fapiao.request': { orderId: id, titleId: id },
  'fapiao.list': {},
  'fapiao.file': { fapiaoId: id },
  'fapiao.search': {},
  'fapiao.begin': { fapiaoId: id },
  'fapiao.issue': ISSUED,
  'fapiao.redFlush': ISSUED,
  'fapiao.reject': { fapiaoId: id, reason: 'because' },
  'reconciliation.start': { day: '2020-01-01' },
  'reconciliation.runs': {},
  'reconciliation.run': { runId: id },
  'reconciliation.exceptions': {},
  'reconciliation.exception': { exceptionId: id },
  'reconciliation.move': { exceptionId: id, to: 'accepted', note: 'because' },
  'reconciliation.assign': { exceptionId: id, assignedTo: null },
  'reconciliation.note': { exceptionId: id, note: 'because' },
  'quota.history': {},
  'features.form': { featureId: 'no_such_feature' },
  'uploads.begin': { contentType: 'image/png', sizeBytes: 10 },
  'uploads.complete': { assetId: id },
  'tasks.create': { featureId: 'no_such_feature', input: {} },
  'tasks.get': { taskId: id },
  'tasks.list': {},
  'tasks.cancel': { taskId: id },
  'tasks.watch': { taskId: id },
  'assets.list': {},
  'assets.download': { assetId: id },
  'assets.downloadUnlabelled': { assetId: id },
  'assets.remove': { assetId: id },
  'batches.create': { featureId: 'no_such_feature', inputs: [{}] },
  'batches.get': { batchId: id },
  'batches.list': {},
  'batches.cancel': { batchId: id },
  'batches.retryFailed': { batchId: id },
  'batches.zip': { batchId: id },
  'batches.watch': { batchId: id },
  'audit.list': {},
  'audit.verify': { behindBlock: 999_999_999 },
  'jobs.dead': {},
  'jobs.replay': { jobId: 999_999_999 },
  'jobs.discard': { jobId: 999_999_999, reason: 'x' },
  'plans.versions': {},
  'plans.saveDraft': PLAN,
  'plans.publish': { planId: 'NO_SUCH_PLAN', version: 1, reason: 'because' },
  'plans.archive': { planId: 'NO_SUCH_PLAN', version: 1, reason: 'because' },
  'quota.export': {},
  'codes.redeem': { code: 'ABCD-EFGH-JKLM-NPQR' },
  'codes.batches': {},
  'codes.batch': { batchId: id },
  'codes.createBatch': BATCH,
  'codes.issue': { batchId: id },
  'codes.disableBatch': { batchId: id, reason: 'because' },
  'campaigns.claim': { campaignId: id },
  'campaigns.list': {},
  'campaigns.get': { campaignId: id },
  'campaigns.create': CAMPAIGN,
  'campaigns.stop': { campaignId: id, reason: 'because' },
  'grants.ofMember': { userId: id },
  'grants.compensations': {},
  'grants.compensate': { userId: id, amount: 1, days: 1, reason: 'because' },
  'reports.list': { kind: 'day' },
  'reports.get': { kind: 'day', period: '2020-01-01' },
  'reports.file': { kind: 'day', period: '2020-01-01', format: 'csv' },
  'reports.close': { day: '2020-01-01', reason: 'because' },
  'approvals.list': {},
  'approvals.get': { approvalId: id },
  'approvals.decide': { approvalId: id, decision: 'reject', reason: 'because' },
  'approvals.withdraw': { approvalId: id },
  'costs.list': {},
  'costs.summary': { from: '2026-06-01', to: '2026-06-30' },
  'costs.margin': { by: 'feature', from: '2026-06-01', to: '2026-06-30' },
  'prices.list': {},
  'costs.recordTopUp': { account: 'no-such-provider', coins: 1, at: '2026-06-01T00:00:00.000Z', note: 'top-up' },
  'prices.add': { item: 'provider:no-such-provider', microYuan: 1, reason: 'x' },
  'budgets.list': {},
  'budgets.setGlobal': { weeklyBudgetFen: 1, revision: 999, reason: 'x' },
  'notices.list': {},
  'notices.read': { upTo: id },
  'alerts.list': {},
  'alerts.deliveries': { alertId: id },
  'alerts.acknowledge': { alertId: id },
  'alertTargets.add': { name: 'x', format: 'wecom', url: 'http://not-secure.example.com' },
  'alertTargets.update': { targetId: id, revision: 1 },
  'alertTargets.remove': { targetId: id },
  'alertTargets.test': { targetId: id },
  'users.setRole': { userId: id, role: 'member' },
  'definitions.get': { featureId: 'no_such_feature' },
  'definitions.create': { definition: {} },
  'definitions.update': { featureId: 'no_such_feature', revision: 1, changes: {} },
  'definitions.remove': { featureId: 'no_such_feature' },
  'definitions.saveDraft': { featureId: 'no_such_feature', kind: 'form', body: {} },
  'definitions.version': { featureId: 'no_such_feature', kind: 'form', version: 1 },
  'definitions.publish': { featureId: 'no_such_feature', kind: 'form', version: 1 },
  'definitions.archive': { featureId: 'no_such_feature', kind: 'pipeline', version: 1 },
  'definitions.import': { file: {}, dryRun: true },
  'definitions.requestException': {
    featureId: 'no_such_feature',
    kind: 'free_feature',
    until: '2026-01-01T00:00:00.000Z',
    reason: 'it ended before it began',
  },
  'guard.reports': {},
  'guard.report': { reportId: id },
  'guard.reviewDraft': { draft: {} },
  'providers.get': { providerRef: 'no-such-provider' },
  'providers.create': { provider: {} },
  'providers.update': { providerRef: 'no-such-provider', revision: 1, changes: {} },
  'providers.remove': { providerRef: 'no-such-provider' },
};
/** Signing out would end the matrix; refreshing is refused for its own token, not for the access token. */
const SKIPPED = new Set(['auth.signOut', 'auth.refresh']);

async function over(path: string, type: string, token: string | undefined): Promise<{ status: number; code: string }> {
  const input = INPUTS[path];
  const key = 'access-matrix-key';
  const url = `${edge.url}/trpc/${path}`;
  const query = input === undefined ? url : `${url}?input=${encodeURIComponent(JSON.stringify(input))}`;
  if (type === 'subscription') return overStream(query, token);
  const answer =
    type === 'mutation' ? await call(url, { token, key, body: input ?? {} }) : await call(query, { token });
  return { status: answer.status, code: answer.body?.error?.data?.code ?? 'OK' };
}

/** A stream always opens; what it refuses it says in an event. */
async function overStream(url: string, token: string | undefined): Promise<{ status: number; code: string }> {
  const response = await fetch(url, { headers: token === undefined ? {} : { authorization: `Bearer ${token}` } });
  const text = await response.text();
  return { status: response.status, code: /"code":"([A-Z_]+)"/.exec(text)?.[1] ?? 'OK' };
}

async function overRest(path: string, token: string | undefined): Promise<{ status: number; code: string }> {
  const route = listRestRoutes().find((each) => each.path === path);
  if (route === undefined) throw new Error(`${path} has no REST route`);
  const input: Record<string, unknown> = { ...INPUTS[path] };
  const where = route.openapi.path.replaceAll(/\{(\w+)\}/g, (_match, name: string) => {
    const value = String(input[name]);
    delete input[name];
    return value;
  });
  const { method } = route.openapi;
  const body = method === 'GET' || method === 'DELETE' ? undefined : input;
  const answer = await call(`${edge.url}/api${where}`, { method, token, key: 'access-matrix-key', body });
  return { status: answer.status, code: answer.body?.code ?? 'OK' };
}

describe('the access matrix', () => {
  for (const { path, type, meta } of procedures) {
    const { permission } = meta;
    if (permission === undefined || SKIPPED.has(path)) continue;
    const isOpen = isAllowed(permission, undefined);

    it(`${path}: nobody signed in is ${isOpen ? 'let in' : 'asked to sign in'}`, async () => {
      const rpc = await over(path, type, undefined);
      expect(rpc.code === 'UNAUTHENTICATED').toBe(!isOpen);
      const rest = await overRest(path, undefined);
      expect(rest.code === 'UNAUTHENTICATED' && rest.status === 401).toBe(!isOpen);
    });

    if (isOpen) continue;
    it(`${path}: ${ROLES.filter((role) => isAllowed(permission, role)).join(', ')} may and no other role`, async () => {
      for (const role of ROLES) {
        const token = people[role].accessToken;
        const rest = await overRest(path, token);
        expect({ role, isForbidden: rest.code === 'FORBIDDEN' && rest.status === 403 }).toEqual({
          role,
          isForbidden: !isAllowed(permission, role),
        });
        expect(rest.status).not.toBe(401);
        expect(rest.status).toBeLessThan(500);
        const rpc = await over(path, type, token);
        expect({ role, isForbidden: rpc.code === 'FORBIDDEN' }).toEqual({
          role,
          isForbidden: !isAllowed(permission, role),
        });
      }
    });
  }

  it('covers every procedure', () => {
    const needing = procedures
      .filter(({ input, path }) => input !== undefined && !SKIPPED.has(path))
      .map(({ path }) => path);
    expect(Object.keys(INPUTS).toSorted()).toEqual(needing.toSorted());
  });
});

describe('what belongs to somebody else', () => {
  it('looks as if it were not there', async () => {
    const owner = people.member.accessToken;
    const stranger = people.admin.accessToken;
    const order = await call(`${edge.url}/api/orders`, { token: owner, key: 'owned-order', body: { planId: 'BASIC' } });
    const upload = await call(`${edge.url}/api/uploads`, {
      token: owner,
      body: { contentType: 'image/png', sizeBytes: 10 },
    });
    const { sessions } = { sessions: await call(`${edge.url}/api/auth/sessions`, { token: owner }) };
    const sessionId: string = sessions.body.data.items[0].id;
    expect((await call(`${edge.url}/api/orders/${order.body.data.id}`, { token: owner })).status).toBe(200);
    const answers = [
      await call(`${edge.url}/api/orders/${order.body.data.id}`, { token: stranger }),
      await call(`${edge.url}/api/uploads/${upload.body.data.assetId}/complete`, { token: stranger, body: {} }),
      await call(`${edge.url}/api/assets/${upload.body.data.assetId}/download`, { token: stranger }),
      await call(`${edge.url}/api/auth/sessions/${sessionId}`, { method: 'DELETE', token: stranger }),
    ];
    expect(answers.map(({ status, body }) => [status, body.code])).toEqual([
      [404, 'ORDER_NOT_FOUND'],
      [404, 'ASSET_NOT_FOUND'],
      [404, 'ASSET_NOT_FOUND'],
      [404, 'SESSION_NOT_FOUND'],
    ]);
  });

  it('stays the same key for another person', async () => {
    const body = { planId: 'BASIC' };
    const first = await call(`${edge.url}/api/orders`, { token: people.operator.accessToken, key: 'same-key-1', body });
    const second = await call(`${edge.url}/api/orders`, { token: people.finance.accessToken, key: 'same-key-1', body });
    expect([first.status, second.status]).toEqual([200, 200]);
    expect(second.body.data.id).not.toBe(first.body.data.id);
  });
});

describe('roles', () => {
  it('are given by an admin and hold at once', async () => {
    const person = await edge.signIn();
    const put = (token: string, role: string) =>
      call(`${edge.url}/api/users/${person.userId}/role`, { method: 'PUT', token, body: { role } });
    expect((await put(person.accessToken, 'admin')).body.code).toBe('FORBIDDEN');
    expect((await put(people.admin.accessToken, 'auditor')).status).toBe(200);
    expect((await put(people.admin.accessToken, 'owner')).body.code).toBe('INPUT_INVALID');
  });

  it('are not asked for by refreshing: an expired session has no access token to show', async () => {
    const { refreshToken } = await edge.signIn();
    const answer = await call(`${edge.url}/api/auth/refresh`, { body: { refreshToken } });
    expect(answer).toMatchObject({ status: 200, body: { data: { expiresInSeconds: 900 } } });
  });

  it('never come from a refresh token or a broken one', async () => {
    const { refreshToken, accessToken } = people.member;
    for (const token of [refreshToken, `${accessToken.slice(0, -3)}AAA`, 'x'.repeat(40)])
      expect(await call(`${edge.url}/api/account`, { token })).toMatchObject({
        status: 401,
        body: { code: 'UNAUTHENTICATED' },
      });
  });
});

describe('the start-up check', () => {
  const t = initTRPC.meta<{ permission?: string }>().create();

  it('accepts the API, every permission of the table that is for people being used', () => {
    expect(() => assertPermissions(appRouter)).not.toThrow();
    const used = new Set(procedures.map(({ meta }) => meta.permission));
    const unused = Object.keys(PERMISSIONS).filter((name) => name !== 'vendor' && !used.has(name as never));
    expect(unused).toEqual([]);
  });

  it('refuses a procedure that names no permission, by its name', () => {
    const router = t.router({ shop: { open: t.procedure.query(() => 1) } });
    expect(() => assertPermissions(router)).toThrow(/shop\.open must name a permission/);
  });

  it('refuses a permission that is not in the table', () => {
    const router = t.router({ spend: t.procedure.meta({ permission: 'quota.mint' }).mutation(() => 1) });
    expect(() => assertPermissions(router)).toThrow(/spend/);
  });
});

it('writes the request id of an action into the audit log', async () => {
  const person = await edge.signIn();
  const put = await call(`${edge.url}/api/users/${person.userId}/role`, {
    method: 'PUT',
    token: people.admin.accessToken,
    body: { role: 'finance' },
  });
  const rows = await edge.database.db
    .selectFrom('audit_logs')
    .select(['actor_id', 'request_id'])
    .where('subject_id', '=', person.userId)
    .orderBy('id', 'desc')
    .execute();
  expect(rows[0]).toEqual({ actor_id: people.admin.userId, request_id: put.headers.get('x-request-id') });
});
