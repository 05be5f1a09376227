import { randomBytes } from 'node:crypto';
import { createApprovals } from '@yunshang/billing';
import { isAppError, type FormSchema, type PipelineSchema } from '@yunshang/contracts';
import { fromJson, systemClock, type Actor } from '@yunshang/db';
import { makeMember } from '@yunshang/devstack';
import { testDatabase, type TestDatabase } from '@yunshang/devstack/testing';
import { createConfigurationGuard } from '@yunshang/guard';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createDefinitions, type Definitions } from './definitions.ts';
import { exceptionExecutors } from './exceptions.ts';
import { createProviderEndpoints, type ProviderEndpoints } from './provider-endpoints.ts';

let database: TestDatabase;
let definitions: Definitions;
let endpoints: ProviderEndpoints;
let approvals: ReturnType<typeof createApprovals>;
let operator: Actor;
let finance: Actor;

beforeAll(async () => {
  database = await testDatabase();
  const { db } = database;
  // Without a price in the list, what the provider's own row says counts.
  await db
    .updateTable('unit_prices')
    .set({ valid_to: new Date(Date.now() - 60_000) })
    .where('item', '=', 'provider:tencent-ci')
    .execute();
  const { review } = createConfigurationGuard({ db, clock: systemClock });
  definitions = createDefinitions({ database, clock: systemClock, review });
  endpoints = createProviderEndpoints({
    db,
    clock: systemClock,
    keys: [{ version: 1, key: randomBytes(32) }],
    review,
  });
  approvals = createApprovals({ db, clock: systemClock, executors: exceptionExecutors(systemClock) });
  operator = { id: (await makeMember(db)).userId, role: 'operator', requestId: 'asks' };
  finance = { id: (await makeMember(db)).userId, role: 'finance', requestId: 'decides' };
  await definitions.saveDraft(operator, { featureId: 'film', kind: 'form', body: form });
  await definitions.saveDraft(operator, { featureId: 'film', kind: 'pipeline', body: pipeline });
  await definitions.publish(operator, { featureId: 'film', kind: 'form', version: 1 });
  await definitions.publish(operator, { featureId: 'film', kind: 'pipeline', version: 1 });
});
afterAll(() => database.close());

const form: FormSchema = {
  fields: [{ key: 'photo', type: 'image', label: '照片', required: true, validation: { maxSize: 10_485_760 } }],
  submitButton: '开始',
  layout: 'vertical',
};
const pipeline: PipelineSchema = {
  steps: [
    {
      name: 'clean',
      type: 'sync_api',
      providerCandidates: ['tencent-ci', 'builtin-image-engine'],
      endpoint: 'garment.clean',
      inputMapping: { image: '${input_data.photo}' },
      outputMapping: { image: '$.image' },
      timeoutSeconds: 60,
      retry: { maxAttempts: 1, delaySeconds: 0, backoff: 'fixed' },
    },
  ],
  onFailure: 'refund_quota',
  maxExecutionSeconds: 120,
};
const film = {
  featureId: 'film',
  title: '短片',
  description: '',
  iconUrl: null,
  category: 'video',
  accessScope: 'plan',
  planRequired: null,
  allowedAccounts: null,
  isEnabled: true,
  quotaCost: 6,
  rateLimitPolicy: { maxPerHour: 3, maxPerDay: 10, cooldownSeconds: 600 },
  formVersion: 1,
  pipelineVersion: 1,
  outputType: 'video',
  saveToAssetLibrary: true,
  displayOrder: 90,
  weeklyBudgetFen: 100_000,
};

async function answer(work: Promise<unknown>): Promise<string[]> {
  try {
    await work;
    return ['OK'];
  } catch (error) {
    if (!isAppError(error)) throw error;
    return [error.code, ...(error.details.issues ?? []).map(({ field, rule }) => `${rule} ${field}`)];
  }
}

const create = (changes: object, acknowledge: string[] = []) =>
  answer(definitions.createFeature(operator, { definition: { ...film, ...changes }, acknowledge }));

async function lastAudit(subjectId: string) {
  const row = await database.db
    .selectFrom('audit_logs')
    .select(['action', 'details'])
    .where('subject_id', '=', subjectId)
    .orderBy('id', 'desc')
    .limit(1)
    .executeTakeFirstOrThrow();
  return { action: row.action, details: fromJson(row.details) };
}

test('what fails is refused with rule, place, arithmetic and how to mend it, whatever is acknowledged', async () => {
  const [issue] = await definitions
    .createFeature(operator, { definition: { ...film, rateLimitPolicy: null }, acknowledge: ['BG120'] })
    .then(
      () => [],
      (error: unknown) => (isAppError(error, 'GUARD_REFUSED') ? (error.details.issues ?? []) : []),
    );
  expect(issue).toMatchObject({
    rule: 'BG120',
    field: 'features.film.rateLimitPolicy',
    evidence: ['category is video'],
  });
  expect(issue?.mend?.zh).toContain('maxPerHour');
  expect((await definitions.getFeature('film')).feature).toBeNull();
});

test('what is worth a warning waits until its rule is acknowledged, and the audit log keeps who did', async () => {
  const loose = { rateLimitPolicy: { maxPerHour: 50, maxPerDay: 100, cooldownSeconds: 5 } };
  expect(await create(loose)).toEqual([
    'GUARD_UNACKNOWLEDGED',
    'BG121 features.film.rateLimitPolicy.maxPerDay',
    'BG121 features.film.rateLimitPolicy.maxPerHour',
    'BG122 features.film.rateLimitPolicy.cooldownSeconds',
  ]);
  expect(await create(loose, ['BG121'])).toEqual([
    'GUARD_UNACKNOWLEDGED',
    'BG122 features.film.rateLimitPolicy.cooldownSeconds',
  ]);
  expect(await create(loose, ['BG121', 'BG122', 'BG101'])).toEqual(['OK']);
  expect(await lastAudit('film')).toMatchObject({
    action: 'feature.created',
    details: { acknowledged: ['BG121', 'BG122'] },
  });
});

const update = (revision: number, changes: Record<string, unknown>, acknowledge: string[] = []) =>
  answer(definitions.updateFeature(operator, { featureId: 'film', revision, changes, acknowledge }));

test('what was acknowledged is not asked again, and what became worse is', async () => {
  expect(await update(1, { title: '新的短片' })).toEqual(['OK']);
  const looser = { rateLimitPolicy: { maxPerHour: 90, maxPerDay: 100, cooldownSeconds: 5 } };
  expect(await update(2, looser)).toEqual(['GUARD_UNACKNOWLEDGED', 'BG121 features.film.rateLimitPolicy.maxPerHour']);
  expect(await update(2, looser, ['BG121'])).toEqual(['OK']);
});

test('a provider that becomes dearer answers for the features it makes lose money', async () => {
  const { revision } = await endpoints.get('tencent-ci');
  const change = { providerRef: 'tencent-ci', revision, changes: { unitCostMicroYuan: 1_000_000 } };
  expect((await answer(endpoints.update(operator, change))).slice(0, 3)).toEqual([
    'GUARD_REFUSED',
    'BG115 features.basic_clean.quotaCost',
    'BG115 features.promo_poster.quotaCost',
  ]);
  expect((await endpoints.get('tencent-ci')).unitCostMicroYuan).toBe(30_000);
});

test('a failure that came from elsewhere is not in the way of switching the feature off', async () => {
  await database.db
    .updateTable('feature_definitions')
    .set({ rate_limit_policy: null })
    .where('feature_id', '=', 'film')
    .execute();
  expect(await update(3, { title: '短片' })).toEqual(['GUARD_REFUSED', 'BG120 features.film.rateLimitPolicy']);
  expect(await update(3, { isEnabled: false })).toEqual(['OK']);
});

const until = new Date(Date.now() + 30 * 86_400_000).toISOString();
const ask = (kind: 'free_feature' | 'below_cost', featureId: string) =>
  definitions.requestException(operator, { featureId, kind, until, reason: '开业体验活动，为期一个月' });

test('a feature becomes free when a second person agreed, and then still in red', async () => {
  const free = (revision: number, acknowledge: string[] = []) =>
    answer(
      definitions.updateFeature(operator, {
        featureId: 'basic_clean',
        revision,
        changes: { quotaCost: 0 },
        acknowledge,
      }),
    );
  expect(await free(1)).toEqual(['GUARD_REFUSED', 'BG111 features.basic_clean.quotaCost']);
  const wish = await ask('free_feature', 'basic_clean');
  expect(await free(1)).toEqual(['GUARD_REFUSED', 'BG111 features.basic_clean.quotaCost']);
  const decision = { approvalId: wish.id, decision: 'approve', reason: '同意，为期一个月' } as const;
  expect(await answer(approvals.decide(operator, decision))).toEqual(['APPROVAL_OWN']);
  await approvals.decide(finance, decision);
  expect(await free(1)).toEqual(['GUARD_UNACKNOWLEDGED', 'BG112 features.basic_clean.quotaCost']);
  expect(await free(1, ['BG112'])).toEqual(['OK']);
  const row = await database.db
    .selectFrom('feature_definitions')
    .select(['quota_cost', 'free_approval_id'])
    .where('feature_id', '=', 'basic_clean')
    .executeTakeFirstOrThrow();
  expect(row).toEqual({ quota_cost: 0, free_approval_id: wish.id });
  expect((await lastAudit('basic_clean')).details).toMatchObject({ acknowledged: ['BG112'] });
});

test('a feature below cost takes two people too', async () => {
  const { revision } = await endpoints.get('tencent-ci');
  const change = (acknowledge: string[] = []) =>
    answer(
      endpoints.update(operator, {
        providerRef: 'tencent-ci',
        revision,
        changes: { unitCostMicroYuan: 850_000 },
        acknowledge,
      }),
    );
  // A film cuts out as many photos as its form lets in.
  const below = ['promo_poster', 'weekly_drop_trailer'] as const;
  expect(await change()).toEqual(['GUARD_REFUSED', ...below.map((feature) => `BG115 features.${feature}.quotaCost`)]);
  for (const feature of below) {
    const { id: approvalId } = await ask('below_cost', feature);
    await approvals.decide(finance, { approvalId, decision: 'approve', reason: '同意，促销期间亏损' });
  }
  const [code, ...warned] = await change();
  expect([code, warned.includes('BG116 features.promo_poster.quotaCost')]).toEqual(['GUARD_UNACKNOWLEDGED', true]);
});

test.each([
  ['in the past', new Date(Date.now() - 1_000).toISOString()],
  ['after more than a year', new Date(Date.now() + 400 * 86_400_000).toISOString()],
])('an exception that ends %s is refused', async (_when, end) => {
  const wish = { featureId: 'film', kind: 'free_feature', until: end, reason: '永远免费的功能' } as const;
  expect(await answer(definitions.requestException(operator, wish))).toEqual(['INPUT_INVALID', 'range until']);
});

test('an import is judged as a whole, over what there was', async () => {
  const file = await definitions.exportAll();
  const changed = structuredClone(file);
  for (const feature of changed.features)
    if (feature.featureId === 'weekly_drop_trailer') feature.rateLimitPolicy = null;
  const importing = (given: unknown, dryRun: boolean) =>
    answer(definitions.importAll(operator, { file: given, dryRun }));
  const refused = ['GUARD_REFUSED', 'BG120 features.weekly_drop_trailer.rateLimitPolicy'];
  expect(await importing(changed, true)).toEqual(refused);
  expect(await importing(changed, false)).toEqual(refused);
  expect(await importing(file, false)).toEqual(['OK']);
  const free = structuredClone(file);
  for (const feature of free.features) if (feature.featureId === 'promo_poster') feature.quotaCost = 0;
  expect(await importing(free, false)).toEqual(['GUARD_REFUSED', 'BG111 features.promo_poster.quotaCost']);
});

test('no refund on failure is refused from the first draft', async () => {
  const body = { ...pipeline, onFailure: 'no_refund' };
  expect(await answer(definitions.saveDraft(operator, { featureId: 'risky', kind: 'pipeline', body }))).toEqual([
    'GUARD_REFUSED',
    'BG143 pipelines.risky/1.onFailure',
  ]);
});
