import { isAllowed, type Role } from '@yunshang/contracts';
import { newId, openRaw, raiseAlert, sqlValue, toJson } from '@yunshang/db';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { appRouter } from '../src/router.ts';
import { listProcedures } from '../src/trpc/procedures.ts';
import { buyBasic, call, createTask, startEdge, type Answer, type Edge, type Person } from './edge.ts';

const READERS = ['operator', 'finance', 'auditor'] as const satisfies readonly Role[];
const DAY_MS = 24 * 3_600_000;
const reason = 'because it is asked for';
const now = new Date();
const daysAgo = (days: number): Date => new Date(now.getTime() - days * DAY_MS);
/** The calendar day in Asia/Shanghai. */
const dayOf = (at: Date): string => new Date(at.getTime() + 8 * 3_600_000).toISOString().slice(0, 10);

let edge: Edge;
const people = new Map<Role, Person>();
/** Has one of everything that a member can have. */
let owner: Person;
let stranger: Person;

/** What is asked for, and something that must be in the answer. */
type Question = { input?: object; holds: string };
let ofStaff: Readonly<Record<string, Question>>;
let ofMembers: Readonly<Record<string, Question>>;

beforeAll(async () => {
  edge = await startEdge({ RATE_LIMIT_PER_CALLER: '10000', RATE_LIMIT_PER_ADDRESS: '100000' });
  for (const role of READERS) people.set(role, await edge.signIn(role));
  [owner, stranger] = [await edge.signIn(), await edge.signIn()];
  await buyBasic(edge, owner);
  const given = await giveAway();
  ofMembers = await membersQuestions(given);
  ofStaff = { ...(await moneyQuestions()), ...given.questions, ...(await watchQuestions()) };
});
afterAll(() => edge.close());

function person(role: Role): Person {
  const found = people.get(role);
  if (found === undefined) throw new Error(`nobody is ${role}`);
  return found;
}

function ask(path: string, who: Person, input?: object): Promise<Answer> {
  const query = input === undefined ? '' : `?input=${encodeURIComponent(JSON.stringify(input))}`;
  return call(`${edge.url}/trpc/${path}${query}`, { token: who.accessToken });
}

async function make(path: string, who: Person, input: object) {
  const answer = await call(`${edge.url}/trpc/${path}`, { token: who.accessToken, key: newId(), body: input });
  if (answer.status !== 200) throw new Error(`${path} answered ${answer.text}`);
  return answer.body.result.data;
}

async function giveAway() {
  const [operator, finance] = [person('operator'), person('finance')];
  const gift = { title: '码', quota: 1, grantDays: 1 };
  const until = new Date(now.getTime() + DAY_MS).toISOString();
  const { id: batchId } = (
    await make('codes.createBatch', operator, { ...gift, codeCount: 1, expiresAt: until, reason })
  ).batch;
  const { codes } = await make('codes.issue', operator, { batchId });
  await make('codes.redeem', owner, { code: codes[0] });
  const { campaign } = await make('campaigns.create', operator, {
    ...gift,
    audience: { kind: 'accounts', accounts: [owner.userId] },
    delivery: 'claim',
    totalCap: 2,
    startsAt: daysAgo(1).toISOString(),
    endsAt: until,
    reason,
  });
  const { compensation } = await make('grants.compensate', finance, {
    userId: owner.userId,
    amount: 1,
    days: 1,
    reason,
  });
  const wish = { featureId: 'basic_clean', kind: 'below_cost', until, reason };
  const approval = await make('definitions.requestException', operator, wish);
  const questions: Record<string, Question> = {
    'codes.batches': { input: {}, holds: batchId },
    'codes.batch': { input: { batchId }, holds: batchId },
    'campaigns.list': { input: {}, holds: campaign.id },
    'campaigns.get': { input: { campaignId: campaign.id }, holds: campaign.id },
    'grants.ofMember': { input: { userId: owner.userId }, holds: compensation.grantId },
    'grants.compensations': { input: {}, holds: compensation.id },
    'approvals.list': { input: {}, holds: approval.id },
    'approvals.get': { input: { approvalId: approval.id }, holds: approval.id },
    'plans.versions': { input: { planId: 'BASIC' }, holds: 'BASIC' },
  };
  return { questions, campaignId: String(campaign.id) };
}

async function membersQuestions({ campaignId }: { campaignId: string }) {
  const { db } = edge.database;
  const order = await db
    .selectFrom('orders')
    .select('id')
    .where('user_id', '=', owner.userId)
    .executeTakeFirstOrThrow();
  const created = await createTask(edge, owner, newId());
  const taskId: string = created.body.data.task?.id ?? created.body.data.id;
  const asset = await db
    .selectFrom('assets')
    .select('id')
    .where('user_id', '=', owner.userId)
    .executeTakeFirstOrThrow();
  const batch = await make('batches.create', owner, { featureId: 'basic_clean', inputs: [{ photo: asset.id }] });
  const batchId: string = batch.batch?.id ?? batch.id;
  const title = await make('fapiao.addTitle', owner, { kind: 'personal', name: '王小明' });
  const fapiao = await make('fapiao.request', owner, { orderId: order.id, titleId: title.id });
  const session = await db
    .selectFrom('sessions')
    .select('id')
    .where('user_id', '=', owner.userId)
    .executeTakeFirstOrThrow();
  return {
    'auth.sessions': { holds: session.id },
    'account.get': { holds: owner.userId },
    'orders.get': { input: { orderId: order.id }, holds: order.id },
    'orders.list': { input: {}, holds: order.id },
    'quota.balance': { holds: order.id },
    'quota.history': { input: {}, holds: order.id },
    'quota.export': { input: {}, holds: '' },
    'campaigns.offers': { holds: campaignId },
    'tasks.get': { input: { taskId }, holds: taskId },
    'tasks.list': { input: {}, holds: taskId },
    'batches.get': { input: { batchId }, holds: batchId },
    'batches.list': { input: {}, holds: batchId },
    'assets.list': { input: { kind: 'upload' }, holds: asset.id },
    'assets.download': { input: { assetId: asset.id }, holds: asset.id },
    'fapiao.titles': { holds: title.id },
    'fapiao.list': { input: {}, holds: fapiao.id },
    'notices.list': { input: {}, holds: '' },
  };
}

async function moneyQuestions(): Promise<Record<string, Question>> {
  const { db } = edge.database;
  const finance = person('finance');
  const order = await db
    .selectFrom('orders')
    .select('id')
    .where('user_id', '=', owner.userId)
    .executeTakeFirstOrThrow();
  const { refund } = await make('refunds.request', finance, { orderId: order.id, amountFen: 1, reason });
  const cost = { item: 'sms:segment', vendor: 'tencent_sms', amount_micro_yuan: 50_000 };
  const posted = { occurred_at: daysAgo(3), posted_at: daysAgo(3) };
  await db
    .insertInto('cost_entries')
    .values({ kind: 'estimate', ...cost, ...posted, effect_key: `sms:${newId()}:estimate` })
    .execute();
  const day = dayOf(daysAgo(3));
  await make('reports.close', finance, { day, reason });
  const period = { from: dayOf(daysAgo(7)), to: dayOf(now) };
  const report = { kind: 'day', period: day };
  return {
    'sales.search': { input: {}, holds: order.id },
    'sales.get': { input: { orderId: order.id }, holds: order.id },
    'refunds.list': { input: {}, holds: refund.id },
    'refunds.get': { input: { refundId: refund.id }, holds: refund.id },
    'fapiao.search': { input: {}, holds: order.id },
    'costs.list': { input: { item: 'sms:segment' }, holds: 'sms:segment' },
    'costs.summary': { input: period, holds: 'sms:segment' },
    'costs.margin': { input: { by: 'feature', ...period }, holds: 'items' },
    'prices.list': { input: {}, holds: 'sms:segment' },
    'budgets.list': { input: {}, holds: 'weeklyBudgetFen' },
    'reports.list': { input: { kind: 'day' }, holds: day },
    'reports.get': { input: report, holds: day },
    'reports.file': { input: { ...report, format: 'csv' }, holds: day },
  };
}

async function watchQuestions(): Promise<Record<string, Question>> {
  const { db } = edge.database;
  const { id: runId, day } = await make('reconciliation.start', person('finance'), { day: dayOf(daysAgo(2)) });
  const [exceptionId, reportId] = [newId(), newId()];
  const run = { run_kind: 'wechat', day, first_run_id: runId, last_run_id: runId } as const;
  const state = { severity: 'warning', owner: 'operator', state: 'open', is_healed: 0 } as const;
  const times = { created_at: now, updated_at: now };
  await db
    .insertInto('reconciliation_exceptions')
    .values({
      id: exceptionId,
      kind: 'bill_late',
      subject: exceptionId,
      ...run,
      ...state,
      details: toJson({}),
      ...times,
    })
    .execute();
  const checked = { items: 0, rules: 0 };
  const empty = { version: 1, verdict: 'PASS', checked, findings: [], suppressed: [], unjudged: [] };
  await db
    .insertInto('guard_reports')
    .values({
      id: reportId,
      verdict: 'PASS',
      failures: 0,
      warnings: 0,
      report: toJson(empty),
      duration_ms: 1,
      created_at: now,
    })
    .execute();
  await raiseAlert(db, { kind: 'heavy_use', subject: owner.userId, period: 'access', details: {} }, now);
  const alert = await db.selectFrom('alerts').select('id').executeTakeFirstOrThrow();
  const dead = { job: 'task.run', payload: toJson({ taskId: newId() }), dedup_key: 'access-data', failures: 12 };
  await db
    .insertInto('outbox')
    .values({
      ...dead,
      last_error: 'INTERNAL',
      dead_at: now,
      due_at: new Date('9999-12-31T00:00:00Z'),
      created_at: now,
    })
    .execute();
  const feature = { featureId: 'basic_clean' };
  return {
    'reconciliation.runs': { input: {}, holds: runId },
    'reconciliation.run': { input: { runId }, holds: runId },
    'reconciliation.exceptions': { input: {}, holds: exceptionId },
    'reconciliation.exception': { input: { exceptionId }, holds: exceptionId },
    'definitions.list': { holds: 'basic_clean' },
    'definitions.get': { input: feature, holds: 'basic_clean' },
    'definitions.version': { input: { ...feature, kind: 'form', version: 1 }, holds: 'basic_clean' },
    'definitions.export': { holds: 'basic_clean' },
    'providers.list': { holds: 'tencent-ci' },
    'providers.get': { input: { providerRef: 'tencent-ci' }, holds: 'tencent-ci' },
    'guard.lastReport': { holds: reportId },
    'guard.reports': { input: {}, holds: reportId },
    'guard.report': { input: { reportId }, holds: reportId },
    'jobs.dead': { input: {}, holds: 'task.run' },
    'audit.list': { input: {}, holds: 'refund.intended' },
    'audit.verifications': { holds: 'items' },
    'alerts.list': { input: {}, holds: alert.id },
    'alerts.deliveries': { input: { alertId: alert.id }, holds: 'items' },
    'alertTargets.list': { holds: 'items' },
  };
}

const queries = listProcedures(appRouter).filter(({ type }) => type === 'query');
const staffQueries = queries.filter(
  ({ meta }) => meta.permission !== undefined && !isAllowed(meta.permission, 'member'),
);

describe('staff read what their role is for', () => {
  it.each(staffQueries.map(({ path, meta }) => [path, meta.permission] as const))('%s', async (path, permission) => {
    const question = ofStaff[path];
    if (question === undefined || permission === undefined) throw new Error(`nobody asks ${path}`);
    for (const role of READERS) {
      const { status, text } = await ask(path, person(role), question.input);
      const isHeld = text.includes(question.holds);
      expect({ role, status, isHeld: status === 200 && isHeld }).toEqual(
        isAllowed(permission, role) ? { role, status: 200, isHeld: true } : { role, status: 403, isHeld: false },
      );
    }
  });
});

/** The ids of everything that somebody has, in whatever table. */
async function idsOf({ userId }: Person): Promise<string[]> {
  const raw = openRaw(edge.database.databaseUrl);
  try {
    const read = async (text: string) => (await raw.read(text)).rows.map(([cell]) => String(cell));
    const tables = await read(`
      SELECT o.table_name FROM information_schema.columns o
      JOIN information_schema.columns k ON k.table_schema = o.table_schema AND k.table_name = o.table_name
      WHERE o.table_schema = DATABASE() AND o.column_name = 'user_id' AND k.column_name = 'id' AND k.column_type = 'char(26)'`);
    const ids = await Promise.all(
      tables.map((table) => read(`SELECT id FROM ${table} WHERE user_id = ${sqlValue(userId)}`)),
    );
    return [userId, ...ids.flat()];
  } finally {
    await raw.close();
  }
}

describe('a member', () => {
  it('sees everything of their own, and nothing of it is seen by another', async () => {
    const ids = await idsOf(owner);
    expect(ids.length).toBeGreaterThan(10);
    const seen: object[] = [];
    for (const [path, { input, holds }] of Object.entries(ofMembers)) {
      const own = await ask(path, owner, input);
      if (own.status !== 200 || !own.text.includes(holds)) seen.push({ path, status: own.status, text: own.text });
      const others = await ask(path, stranger, input);
      const leaked = ids.filter((id) => others.text.includes(id));
      // What is asked for by its id is not there; lists are there and empty.
      const isById = Object.values(input ?? {}).some((value) => ids.includes(String(value)));
      if (leaked.length > 0 || others.status !== (isById ? 404 : 200))
        seen.push({ path, status: others.status, leaked, text: others.text });
    }
    expect(seen).toEqual([]);
  });

  it('has every question that is about one’s own things asked', () => {
    const own = queries.filter(
      ({ meta }) => meta.permission?.endsWith('.own') || meta.permission === 'campaigns.claim',
    );
    // The file of a fapiao is there when it is issued; the rest says the same to everybody.
    const apart = ['fapiao.file', 'assets.labelStatement'];
    expect([...Object.keys(ofMembers), ...apart].toSorted()).toEqual(own.map(({ path }) => path).toSorted());
  });
});
