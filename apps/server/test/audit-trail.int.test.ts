import { isAllowed } from '@yunshang/contracts';
import { newId, raiseAlert, toJson } from '@yunshang/db';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { appRouter } from '../src/router.ts';
import { listProcedures } from '../src/trpc/procedures.ts';
import { buyBasic, call, startEdge, type Edge, type Json, type Person } from './edge.ts';

/** What each leaves in the log. A mutation that is not about one's own things is named here, and made below. */
const ACTIONS = {
  'codes.redeem': 'codes.redeemed',
  'codes.createBatch': 'codes.batch_created',
  'codes.issue': 'codes.issued',
  'codes.disableBatch': 'codes.batch_disabled',
  'campaigns.claim': 'campaigns.claimed',
  'campaigns.create': 'campaigns.created',
  'campaigns.stop': 'campaigns.stopped',
  'plans.saveDraft': 'plan.draft_saved',
  'plans.publish': 'plan.published',
  'plans.archive': 'plan.archived',
  'users.setRole': 'account.role_changed',
  'refunds.request': 'refund.intended',
  'refunds.retry': 'refund.retried',
  'refunds.giveUp': 'refund.closed',
  'reconciliation.start': 'reconciliation.started',
  'reconciliation.move': 'reconciliation.moved',
  'reconciliation.assign': 'reconciliation.assigned',
  'reconciliation.note': 'reconciliation.noted',
  'grants.compensate': 'grants.compensated',
  'approvals.decide': 'approval.approved',
  'approvals.withdraw': 'approval.withdrawn',
  'definitions.create': 'feature.created',
  'definitions.update': 'feature.updated',
  'definitions.remove': 'feature.deleted',
  'definitions.requestException': 'approval.requested',
  'definitions.saveDraft': 'form.saved',
  'definitions.publish': 'form.published',
  'definitions.archive': 'form.archived',
  'definitions.import': 'definitions.imported',
  'providers.create': 'provider.created',
  'providers.update': 'provider.updated',
  'providers.remove': 'provider.deleted',
  'jobs.replay': 'job.replay',
  'jobs.discard': 'job.discard',
  'costs.recordTopUp': 'vendor.topped_up',
  'prices.add': 'price.added',
  'budgets.setGlobal': 'budget.global_set',
  'audit.verify': 'audit.verification_requested',
  'alerts.acknowledge': 'alert.acknowledged',
  'alertTargets.add': 'alert_target.added',
  'alertTargets.update': 'alert_target.changed',
  'alertTargets.test': 'alert_target.tested',
  'alertTargets.remove': 'alert_target.removed',
  'reports.close': 'report.closed',
  'fapiao.begin': 'fapiao.issuing',
  'fapiao.issue': 'fapiao.issued',
  'fapiao.redFlush': 'fapiao.red_flushed',
  'fapiao.reject': 'fapiao.rejected',
} as const;
type Mutation = keyof typeof ACTIONS;
/** Judges a draft that comes with the call and keeps nothing. */
const KEEPS_NOTHING = ['guard.reviewDraft'];

const HOUR_MS = 3_600_000;
const reason = 'because it is asked for';
const inHours = (hours: number): string => new Date(Date.now() + hours * HOUR_MS).toISOString();
/** The calendar day in Asia/Shanghai. */
const dayInHours = (hours: number): string => inHours(hours + 8).slice(0, 10);

let edge: Edge;
let admin: Person;
let finance: Person;
let operator: Person;
let member: Person;
const made = new Set<string>();
/** Calls that left no row of their own, with what they did leave. */
const unlogged: object[] = [];
let calls = 0;

beforeAll(async () => {
  edge = await startEdge();
  [admin, finance, operator] = [
    await edge.signIn('admin'),
    await edge.signIn('finance'),
    await edge.signIn('operator'),
  ];
  member = await edge.signIn();
});
afterAll(() => edge.close());

async function read(path: string, person: Person, input?: object): Promise<Json> {
  const query = input === undefined ? '' : `?input=${encodeURIComponent(JSON.stringify(input))}`;
  const { body } = await call(`${edge.url}/trpc/${path}${query}`, { token: person.accessToken });
  return body.result.data;
}

/** Calls it as that person, and looks whether the log says so: who, what, and by which request. */
async function make(path: Mutation, person: Person, input: object, action: string = ACTIONS[path]): Promise<Json> {
  const key = `audit-trail-${(calls += 1)}`;
  const answer = await call(`${edge.url}/trpc/${path}`, { token: person.accessToken, key, body: input });
  if (answer.status !== 200) throw new Error(`${path} answered ${answer.text}`);
  const rows = await edge.database.db
    .selectFrom('audit_logs')
    .select(['action', 'actor_id'])
    .where('request_id', '=', answer.headers.get('x-request-id') ?? '')
    .execute();
  const isLogged = rows.some((row) => row.action === action && row.actor_id === person.userId);
  if (!isLogged) unlogged.push({ path, action, rows });
  made.add(path);
  return answer.body.result.data;
}

describe('the audit log names who', () => {
  it('closed the books', async () => {
    const postedAt = new Date(inHours(-49));
    await edge.database.db
      .insertInto('cost_entries')
      .values({
        kind: 'estimate',
        item: 'sms:segment',
        vendor: 'tencent_sms',
        amount_micro_yuan: 50_000,
        effect_key: `sms:${newId()}:estimate`,
        occurred_at: postedAt,
        posted_at: postedAt,
      })
      .execute();
    await make('reports.close', finance, { day: dayInHours(-49), reason });
    expect(unlogged).toEqual([]);
  });

  it('gave money back, asked again for it, and gave that up', async () => {
    const { db } = edge.database;
    await buyBasic(edge, member);
    const order = await db
      .selectFrom('orders')
      .select('id')
      .where('user_id', '=', member.userId)
      .executeTakeFirstOrThrow();
    const { refund } = await make('refunds.request', finance, { orderId: order.id, amountFen: 1, reason });
    await make('refunds.retry', finance, { refundId: refund.id });
    // As a worker leaves it that WeChat Pay has refused.
    await db.updateTable('order_refunds').set({ status: 'abnormal' }).where('id', '=', refund.id).execute();
    await make('refunds.giveUp', finance, { refundId: refund.id });
    expect(unlogged).toEqual([]);
  });

  it('issued a fapiao, flushed it red, and refused another', async () => {
    const buyer = await edge.signIn();
    await buyBasic(edge, buyer);
    const order = await edge.database.db
      .selectFrom('orders')
      .select('id')
      .where('user_id', '=', buyer.userId)
      .executeTakeFirstOrThrow();
    const token = buyer.accessToken;
    const title = await call(`${edge.url}/api/fapiao/titles`, { token, body: { kind: 'personal', name: '王小明' } });
    const ask = async (): Promise<string> => {
      const body = { orderId: order.id, titleId: title.body.data.id };
      return (await call(`${edge.url}/api/fapiao`, { token, key: newId(), body })).body.data.id;
    };
    const objectKey = 'fapiao/2026/one.pdf';
    await edge.bucket.put(objectKey, Buffer.from('%PDF-1.7'), 'application/pdf');
    const document = { issuedOn: dayInHours(0), objectKey };
    const fapiaoId = await ask();
    await make('fapiao.begin', finance, { fapiaoId });
    await make('fapiao.issue', finance, { fapiaoId, number: '1'.repeat(20), ...document });
    await make('fapiao.redFlush', finance, { fapiaoId, number: '2'.repeat(20), ...document });
    await make('fapiao.reject', finance, { fapiaoId: await ask(), reason });
    const file = await call(`${edge.url}/api/fapiao/${fapiaoId}/file?which=red`, { token });
    expect(await (await fetch(file.body.data.url)).text()).toBe('%PDF-1.7');
    expect(unlogged).toEqual([]);
  });

  it('changed what is sold, what things cost us, and what a week may cost', async () => {
    const { items } = await read('plans.list', finance);
    const { planId, level, title, titleEn, priceFen, quota, periodDays, periodMonths } = items.find(
      (each: { planId: string }) => each.planId === 'BASIC',
    );
    const plan = { planId, level, title, titleEn, priceFen, quota, periodDays, periodMonths };
    const { version } = await make('plans.saveDraft', finance, plan);
    await make('plans.publish', finance, { planId, version, reason });
    const { version: unsold } = await make('plans.saveDraft', finance, plan);
    await make('plans.archive', finance, { planId, version: unsold, reason });
    const paidIn = {
      account: 'builtin-image-engine',
      microYuan: 1,
      at: dayInHours(-48) + 'T00:00:00.000Z',
      note: reason,
    };
    await make('costs.recordTopUp', finance, paidIn);
    await make('prices.add', finance, { item: 'sms:segment', microYuan: 60_000, reason });
    const { revision } = await read('budgets.list', finance, {});
    await make('budgets.setGlobal', finance, { weeklyBudgetFen: 1_000_000, revision, reason });
    expect(unlogged).toEqual([]);
  });

  it('gave quota away, by code, campaign and hand, and who took it', async () => {
    const gift = { title: '码', quota: 1, grantDays: 1 };
    const batch = { ...gift, codeCount: 1, expiresAt: inHours(24), reason };
    const { id: batchId } = (await make('codes.createBatch', operator, batch)).batch;
    const { codes } = await make('codes.issue', operator, { batchId });
    await make('codes.redeem', member, { code: codes[0] });
    await make('codes.disableBatch', operator, { batchId, reason });
    const audience = { kind: 'accounts', accounts: [member.userId] };
    const window = { startsAt: inHours(-1), endsAt: inHours(24), totalCap: 1 };
    const { campaign } = await make('campaigns.create', operator, {
      ...gift,
      ...window,
      audience,
      delivery: 'claim',
      reason,
    });
    await make('campaigns.claim', member, { campaignId: campaign.id });
    await make('campaigns.stop', operator, { campaignId: campaign.id, reason });
    await make('grants.compensate', finance, { userId: member.userId, amount: 1, days: 1, reason });
    expect(unlogged).toEqual([]);
  });

  it('asked for a second person, and who that was', async () => {
    const wish = { featureId: 'basic_clean', kind: 'below_cost', until: inHours(24), reason };
    const [one, other] = [
      await make('definitions.requestException', operator, wish),
      await make('definitions.requestException', operator, wish),
    ];
    await make('approvals.decide', finance, { approvalId: one.id, decision: 'approve', reason });
    await make('approvals.withdraw', operator, { approvalId: other.id });
    expect(unlogged).toEqual([]);
  });

  it('began a comparison with the bank, and did something about a difference', async () => {
    const { db } = edge.database;
    const { id: runId, day } = await make('reconciliation.start', finance, { day: dayInHours(-48) });
    const exceptionId = newId();
    const now = new Date();
    await db
      .insertInto('reconciliation_exceptions')
      .values({
        id: exceptionId,
        kind: 'bill_late',
        subject: `audit-trail-${exceptionId}`,
        day,
        run_kind: 'wechat',
        severity: 'warning',
        owner: 'operator',
        state: 'open',
        is_healed: 0,
        details: toJson({}),
        first_run_id: runId,
        last_run_id: runId,
        created_at: now,
        updated_at: now,
      })
      .execute();
    await make('reconciliation.assign', finance, { exceptionId, assignedTo: operator.userId });
    await make('reconciliation.note', operator, { exceptionId, note: reason });
    await make('reconciliation.move', operator, { exceptionId, to: 'investigating', note: reason });
    expect(unlogged).toEqual([]);
  });

  it('changed what a feature is and who carries it out', async () => {
    const featureId = 'audited_film';
    const { forms, pipelines } = await read('definitions.export', operator);
    for (const [kind, list] of [
      ['form', forms],
      ['pipeline', pipelines],
    ] as const) {
      const id = { featureId, kind };
      await make('definitions.saveDraft', operator, { ...id, body: bodyOf(list) }, `${kind}.saved`);
      await make('definitions.publish', operator, { ...id, version: 1 }, `${kind}.published`);
    }
    const acknowledge = ['BG122'];
    const { feature } = await make('definitions.create', operator, {
      definition: { ...FEATURE, featureId },
      acknowledge,
    });
    const change = { featureId, revision: feature.revision, changes: { title: '长片' }, acknowledge };
    await make('definitions.update', operator, change);
    await make('definitions.remove', operator, { featureId });
    for (const kind of ['form', 'pipeline'])
      await make('definitions.archive', operator, { featureId, kind, version: 1 }, `${kind}.archived`);
    await make('providers.create', admin, { provider: PROVIDER });
    const { providerRef } = PROVIDER;
    await make('providers.update', admin, { providerRef, revision: 1, changes: { maxConcurrency: 3 } });
    await make('providers.remove', admin, { providerRef });
    await make('definitions.import', admin, { file: await read('definitions.export', operator), dryRun: false });
    expect(unlogged).toEqual([]);
  });

  it('looked after alerts, dead jobs, roles and the log itself', async () => {
    const { db } = edge.database;
    const now = new Date();
    await raiseAlert(db, { kind: 'heavy_use', subject: member.userId, period: 'audit-trail', details: {} }, now);
    const [alert] = (await read('alerts.list', operator, { kind: 'heavy_use' })).items;
    await make('alerts.acknowledge', operator, { alertId: alert.id });
    const target = { name: '值班', format: 'json', url: 'https://alerts.example.com/', secret: 'a secret of ours' };
    const { id: targetId, revision } = await make('alertTargets.add', admin, target);
    await make('alertTargets.update', admin, { targetId, revision, name: '夜班' });
    await make('alertTargets.test', admin, { targetId });
    await make('alertTargets.remove', admin, { targetId });
    for (const path of ['jobs.replay', 'jobs.discard'] as const) {
      const jobId = await deadJob(path);
      await make(path, operator, path === 'jobs.discard' ? { jobId, reason } : { jobId });
    }
    await make('audit.verify', admin, {});
    await make('users.setRole', admin, { userId: member.userId, role: 'operator' });
    expect(unlogged).toEqual([]);
  });

  it('made any change of what is not their own', () => {
    const mutations = listProcedures(appRouter)
      .filter(({ type, meta: { permission } }) => {
        if (permission === undefined) throw new Error('a procedure names no permission');
        return type === 'mutation' && !isAllowed(permission, undefined) && !permission.endsWith('.own');
      })
      .map(({ path }) => path);
    expect([...Object.keys(ACTIONS), ...KEEPS_NOTHING].toSorted()).toEqual(mutations.toSorted());
    expect([...made].toSorted()).toEqual(Object.keys(ACTIONS).toSorted());
  });
});

/** The body of the one of these versions that a feature of the seed has. */
function bodyOf(versions: Json): object {
  return versions.find((each: { featureId: string }) => each.featureId === 'basic_clean').body;
}

/** A job that points at nothing and has failed for good. */
async function deadJob(name: string): Promise<number> {
  const now = new Date();
  const { insertId } = await edge.database.db
    .insertInto('outbox')
    .values({
      job: 'task.run',
      payload: toJson({ taskId: newId() }),
      dedup_key: `audit-trail:${name}`,
      due_at: now,
      created_at: now,
      failures: 12,
      last_error: 'INTERNAL',
      dead_at: now,
    })
    .executeTakeFirstOrThrow();
  return Number(insertId);
}

const FEATURE = {
  title: '短片',
  description: '',
  iconUrl: null,
  category: 'video',
  accessScope: 'plan',
  planRequired: null,
  allowedAccounts: null,
  quotaCost: 6,
  rateLimitPolicy: { maxPerHour: 3, maxPerDay: 10, cooldownSeconds: 5 },
  formVersion: 1,
  pipelineVersion: 1,
  outputType: 'video',
  saveToAssetLibrary: true,
  displayOrder: 90,
  weeklyBudgetFen: 100_000,
};
const PROVIDER = {
  providerRef: 'audited-spare',
  kind: 'http',
  baseUrl: 'https://vendor.example.com',
  weight: 1,
  timeoutSeconds: 30,
  maxConcurrency: 2,
  ratePerMinute: null,
  unitCostMicroYuan: 1_000,
  isEnabled: false,
  settings: { endpoints: { 'garment.clean': { path: '/clean' } } },
};
