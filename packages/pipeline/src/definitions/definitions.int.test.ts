import { randomBytes } from 'node:crypto';
import { isAppError, type FormSchema, type PipelineSchema } from '@yunshang/contracts';
import { fromJson, systemClock, type Actor } from '@yunshang/db';
import { testDatabase, type TestDatabase } from '@yunshang/devstack/testing';
import { createConfigurationGuard } from '@yunshang/guard';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createFeatureCatalog } from '../features/feature.store.ts';
import { createDefinitions, type Definitions } from './definitions.ts';
import { createProviderEndpoints, type ProviderEndpoints } from './provider-endpoints.ts';

let database: TestDatabase;
let definitions: Definitions;
let endpoints: ProviderEndpoints;
const actor: Actor = { id: '01KANXGQ0000000000000000AA', role: 'operator', requestId: 'test-request' };

beforeAll(async () => {
  database = await testDatabase();
  const { review } = createConfigurationGuard({ db: database.db, clock: systemClock });
  definitions = createDefinitions({ database, clock: systemClock, review });
  endpoints = createProviderEndpoints({
    db: database.db,
    clock: systemClock,
    review,
    keys: [{ version: 1, key: randomBytes(32) }],
  });
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
const definition = (featureId: string) => ({
  featureId,
  title: '试衣',
  description: '',
  iconUrl: null,
  category: 'image',
  accessScope: 'plan',
  planRequired: null,
  allowedAccounts: null,
  isEnabled: false,
  quotaCost: 2,
  rateLimitPolicy: { maxPerHour: 10, maxPerDay: 100, cooldownSeconds: 0 },
  formVersion: 1,
  pipelineVersion: 1,
  outputType: 'singleImage',
  expectedOutputs: null,
  aiGenerated: true,
  saveToAssetLibrary: true,
  displayOrder: 90,
  weeklyBudgetFen: null,
});

async function drafted(featureId: string): Promise<void> {
  await definitions.saveDraft(actor, { featureId, kind: 'form', body: form });
  await definitions.saveDraft(actor, { featureId, kind: 'pipeline', body: pipeline });
}

async function published(featureId: string): Promise<void> {
  await drafted(featureId);
  await definitions.publish(actor, { featureId, kind: 'form', version: 1 });
  await definitions.publish(actor, { featureId, kind: 'pipeline', version: 1 });
}

async function refusal(work: Promise<unknown>): Promise<[code: string, ...fields: string[]]> {
  try {
    await work;
    return ['OK'];
  } catch (error) {
    if (!isAppError(error)) throw error;
    return [error.code, ...(error.details.issues ?? []).map(({ field, rule }) => `${field} ${rule}`)];
  }
}

test('a feature goes live from drafts, step by step, and each step is audited', async () => {
  const featureId = 'try_on';
  await drafted(featureId);
  expect(await definitions.getFeature(featureId)).toMatchObject({
    feature: null,
    versions: [
      { kind: 'form', version: 1, status: 'draft' },
      { kind: 'pipeline', version: 1, status: 'draft' },
    ],
  });
  const { feature } = await definitions.createFeature(actor, { definition: definition(featureId) });
  expect(feature).toMatchObject({ revision: 1, isEnabled: false, deletedAt: null });
  const on = { featureId, revision: 1, changes: { isEnabled: true } };
  expect(await refusal(definitions.updateFeature(actor, on))).toEqual([
    'DEFINITION_INVALID',
    'formVersion published',
    'pipelineVersion published',
  ]);
  await definitions.publish(actor, { featureId, kind: 'form', version: 1 });
  await definitions.publish(actor, { featureId, kind: 'pipeline', version: 1 });
  expect((await definitions.updateFeature(actor, on)).feature).toMatchObject({ revision: 2, isEnabled: true });
  expect(await createFeatureCatalog(database.db, systemClock).get(featureId)).toBeDefined();
  const audit = await database.db
    .selectFrom('audit_logs')
    .select(['action', 'actor_id', 'details'])
    .where('subject_id', 'like', `${featureId}%`)
    .orderBy('id')
    .execute();
  expect(audit.map(({ action }) => action)).toEqual([
    'form.saved',
    'pipeline.saved',
    'feature.created',
    'form.published',
    'pipeline.published',
    'feature.updated',
  ]);
  expect(fromJson(audit.at(-1)?.details)).toEqual({ changes: [{ field: 'isEnabled', before: false, after: true }] });
});

test('a version that was published never changes: saving begins the next, and it can not be published twice', async () => {
  const featureId = 'frozen_one';
  await published(featureId);
  const other = { ...form, submitButton: '提交' };
  expect(await definitions.saveDraft(actor, { featureId, kind: 'form', body: other })).toMatchObject({ version: 2 });
  expect(await definitions.saveDraft(actor, { featureId, kind: 'form', body: form })).toMatchObject({ version: 2 });
  expect((await definitions.getVersion({ featureId, kind: 'form', version: 1 })).body).toEqual(form);
  expect(await refusal(definitions.publish(actor, { featureId, kind: 'form', version: 1 }))).toEqual([
    'STATE_CONFLICT',
  ]);
  expect(await refusal(definitions.getVersion({ featureId, kind: 'form', version: 9 }))).toEqual([
    'DEFINITION_NOT_FOUND',
  ]);
});

test('a key of a published form can not be dropped or retyped by a later one', async () => {
  const featureId = 'frozen_keys';
  await published(featureId);
  const dropped = { ...form, fields: [{ key: 'picture', type: 'image', label: '照片', required: true }] };
  const retyped = { ...form, fields: [{ ...form.fields[0], type: 'images', validation: { maxCount: 3 } }] };
  const save = (body: unknown) => refusal(definitions.saveDraft(actor, { featureId, kind: 'form', body }));
  expect(await save(dropped)).toEqual(['DEFINITION_INVALID', 'fields frozen']);
  expect(await save(retyped)).toEqual(['DEFINITION_INVALID', 'fields.0.type frozen']);
});

test('what is saved is judged wholly against what is there, and warnings come with what is kept', async () => {
  const [step] = pipeline.steps;
  const save = (changes: object, acknowledge: string[] = []) =>
    definitions.saveDraft(actor, {
      featureId: 'judged',
      kind: 'pipeline',
      body: { ...pipeline, ...changes },
      acknowledge,
    });
  await definitions.saveDraft(actor, { featureId: 'judged', kind: 'form', body: form });
  const wrong = { ...step, providerCandidates: ['nobody'], outputMapping: { image: '$[?(@.x)]' } };
  expect(await refusal(save({ steps: [wrong] }))).toEqual([
    'DEFINITION_INVALID',
    'steps.0.providerCandidates.0 exists',
    'steps.0.outputMapping.image script',
  ]);
  expect(await refusal(save({ steps: [{ ...step, timeoutSeconds: 'long' }], more: 1 }))).toEqual([
    'DEFINITION_INVALID',
    'steps.0.timeoutSeconds invalid_type',
    'more unrecognized_keys',
  ]);
  const lonely = { ...step, providerCandidates: ['tencent-ci'], inputMapping: { image: '${input_data.picture}' } };
  const { warnings } = await save({ steps: [lonely] }, ['BG145']);
  expect(warnings.map(({ field, rule }) => `${field} ${rule}`)).toEqual([
    'steps.0.inputMapping.image form',
    'pipelines.judged/1.steps.0.providerCandidates BG145',
  ]);
});

test('two operators who change the same revision: one wins, the other is told', async () => {
  const featureId = 'contested';
  await published(featureId);
  await definitions.createFeature(actor, { definition: definition(featureId) });
  const change = (quotaCost: number) =>
    refusal(definitions.updateFeature(actor, { featureId, revision: 1, changes: { quotaCost } }));
  const outcomes = await Promise.all([change(3), change(4)]);
  expect(outcomes.map(([code]) => code).toSorted()).toEqual(['OK', 'STATE_CONFLICT']);
  const drafts = await Promise.all(
    [1, 2].map(() => refusal(definitions.saveDraft(actor, { featureId, kind: 'form', body: form }))),
  );
  expect(drafts.flat().filter((code) => code !== 'OK' && code !== 'STATE_CONFLICT')).toEqual([]);
  const versions = (await definitions.getFeature(featureId)).versions.filter(({ kind }) => kind === 'form');
  expect(versions.map(({ version }) => version)).toEqual([1, 2]);
});

test('an id stays what it is and stays taken; deleting is soft', async () => {
  const featureId = 'short_lived';
  await published(featureId);
  await definitions.createFeature(actor, { definition: definition(featureId) });
  expect(
    await refusal(definitions.updateFeature(actor, { featureId, revision: 1, changes: { featureId: 'other' } })),
  ).toEqual(['DEFINITION_INVALID', 'featureId frozen']);
  expect(await refusal(definitions.archive(actor, { featureId, kind: 'form', version: 1 }))).toEqual([
    'STATE_CONFLICT',
  ]);
  await definitions.deleteFeature(actor, featureId);
  expect((await definitions.getFeature(featureId)).feature).toMatchObject({ isEnabled: false });
  expect(await refusal(definitions.deleteFeature(actor, featureId))).toEqual(['DEFINITION_NOT_FOUND']);
  expect(await refusal(definitions.createFeature(actor, { definition: definition(featureId) }))).toEqual([
    'STATE_CONFLICT',
  ]);
  expect(await definitions.archive(actor, { featureId, kind: 'form', version: 1 })).toMatchObject({
    status: 'archived',
  });
});

test('a feature is not switched on while it could not run', async () => {
  const featureId = 'no_runner';
  await published(featureId);
  const [step] = pipeline.steps;
  await endpoints.create(actor, { provider: { ...spare, isEnabled: false } });
  const steps = [{ ...step, providerCandidates: ['spare'], inputMapping: { image: '${input_data.picture}' } }];
  const acknowledge = ['BG145'];
  await definitions.saveDraft(actor, { featureId, kind: 'pipeline', body: { ...pipeline, steps }, acknowledge });
  await definitions.publish(actor, { featureId, kind: 'pipeline', version: 2 });
  const wish = { ...definition(featureId), pipelineVersion: 2, isEnabled: true };
  expect(await refusal(definitions.createFeature(actor, { definition: wish }))).toEqual([
    'DEFINITION_INVALID',
    'pipelineVersion.steps.0.inputMapping.image form',
    'pipelineVersion.steps.0.providerCandidates disabled',
  ]);
});

const spare = {
  providerRef: 'spare',
  kind: 'http',
  baseUrl: 'https://vendor.example.com',
  weight: 1,
  timeoutSeconds: 30,
  maxConcurrency: 2,
  ratePerMinute: null,
  unitCostMicroYuan: 1_000,
  isEnabled: true,
  settings: { endpoints: { 'garment.clean': { path: '/clean' } } },
};

test('two operators who each switch off one of two providers: one is refused, and somebody is left', async () => {
  const featureId = 'two_left';
  const [step] = pipeline.steps;
  const refs = ['left-one', 'left-two'];
  for (const providerRef of refs) await endpoints.create(actor, { provider: { ...spare, providerRef } });
  await published(featureId);
  const steps = [{ ...step, providerCandidates: refs }];
  await definitions.saveDraft(actor, { featureId, kind: 'pipeline', body: { ...pipeline, steps } });
  await definitions.publish(actor, { featureId, kind: 'pipeline', version: 2 });
  await definitions.createFeature(actor, {
    definition: { ...definition(featureId), pipelineVersion: 2, isEnabled: true },
  });
  const off = { revision: 1, changes: { isEnabled: false } };
  const outcomes = await Promise.all(
    refs.map((providerRef) => refusal(endpoints.update(actor, { ...off, providerRef }))),
  );
  expect(outcomes.map(([code]) => code).toSorted()).toEqual(['DEFINITION_INVALID', 'OK']);
});

test('archiving a version against moving a feature to it: never both', async () => {
  const featureId = 'moving_on';
  await published(featureId);
  await definitions.createFeature(actor, { definition: { ...definition(featureId), isEnabled: true } });
  await definitions.saveDraft(actor, { featureId, kind: 'form', body: form });
  await definitions.publish(actor, { featureId, kind: 'form', version: 2 });
  const outcomes = await Promise.all([
    refusal(definitions.archive(actor, { featureId, kind: 'form', version: 2 })),
    refusal(definitions.updateFeature(actor, { featureId, revision: 1, changes: { formVersion: 2 } })),
  ]);
  expect(outcomes.filter(([code]) => code === 'OK')).toHaveLength(1);
  expect(await createFeatureCatalog(database.db, systemClock).get(featureId)).toBeDefined();
});

test('credentials go in and never come out; the row, the answer and the audit log hold none', async () => {
  const apiKey = '0123456789abcdef0123456789abcdef';
  const provider = { ...spare, providerRef: 'secretive' };
  const created = await endpoints.create(actor, { provider, credentials: { apiKey } });
  expect(created.provider.credentials).toEqual({ apiKey: '••••cdef' });
  const changed = await endpoints.update(actor, { providerRef: 'secretive', revision: 1, changes: { weight: 3 } });
  expect(changed.provider).toMatchObject({ revision: 2, weight: 3, credentials: { apiKey: '••••cdef' } });
  const rows = await database.db
    .selectFrom('provider_endpoints')
    .selectAll()
    .where('provider_ref', '=', 'secretive')
    .execute();
  const audit = await database.db
    .selectFrom('audit_logs')
    .selectAll()
    .where('subject_id', '=', 'secretive')
    .orderBy('id')
    .execute();
  expect(audit.map(({ action }) => action)).toEqual(['provider.created', 'provider.updated']);
  const all = [rows, audit, await endpoints.list(), await definitions.exportAll()].map((each) => JSON.stringify(each));
  expect(all.join('') + (rows[0]?.credentials_enc?.toString('latin1') ?? '')).not.toContain(apiKey);
  const without = { providerRef: 'secretive', revision: 2, changes: {}, credentials: null };
  expect((await endpoints.update(actor, without)).provider.credentials).toBeNull();
});

test('a secret among the settings is refused: they are shown and exported', async () => {
  const settings = { ...spare.settings, headers: { authorization: 'Bearer 0123456789', 'x-region': 'cn' } };
  const provider = { ...spare, providerRef: 'talkative', settings };
  expect(await refusal(endpoints.create(actor, { provider }))).toEqual([
    'DEFINITION_INVALID',
    'settings.headers.authorization secret',
  ]);
});

test('a provider is judged by its kind, keeps its name, and is not taken from a feature that is on', async () => {
  expect(
    await refusal(endpoints.create(actor, { provider: { ...spare, providerRef: 'hub-x', kind: 'runninghub' } })),
  ).toEqual(['DEFINITION_INVALID', 'settings.workflows invalid_type', 'settings.endpoints unrecognized_keys']);
  const engine = await endpoints.get('builtin-image-engine');
  const update = (changes: object) =>
    refusal(
      endpoints.update(actor, {
        providerRef: 'builtin-image-engine',
        revision: engine.revision,
        changes: { ...changes },
      }),
    );
  expect(await update({ kind: 'http' })).toContain('kind frozen');
  expect(await refusal(endpoints.remove(actor, 'builtin-image-engine'))).toEqual(['STATE_CONFLICT']);
  expect(await refusal(endpoints.get('nobody'))).toEqual(['PROVIDER_NOT_FOUND']);
  const ci = await endpoints.get('tencent-ci');
  await endpoints.update(actor, { providerRef: 'tencent-ci', revision: ci.revision, changes: { isEnabled: false } });
  const [code, ...fields] = await update({ isEnabled: false });
  expect([code, fields.includes('basic_clean.pipelineVersion.steps.0.providerCandidates disabled')]).toEqual([
    'DEFINITION_INVALID',
    true,
  ]);
  const off = await endpoints.get('tencent-ci');
  await endpoints.update(actor, { providerRef: 'tencent-ci', revision: off.revision, changes: { isEnabled: true } });
});

test('a file goes out and comes back: nothing to do here, everything there; a dry run changes nothing', async () => {
  const file = await definitions.exportAll();
  const again = await definitions.importAll(actor, { file, dryRun: false });
  expect(again.changes).toEqual([]);

  const changed = structuredClone(file);
  for (const feature of changed.features) if (feature.featureId === 'try_on') feature.quotaCost = 5;
  changed.forms.push({
    featureId: 'brought_in',
    version: 1,
    status: 'published',
    body: JSON.parse(JSON.stringify(form)),
  });
  const report = await definitions.importAll(actor, { file: changed, dryRun: true });
  expect(report.changes).toMatchObject([
    { what: 'form', id: 'brought_in/1', change: 'created' },
    { what: 'feature', id: 'try_on', change: 'changed', fields: [{ field: 'quotaCost', before: 2, after: 5 }] },
  ]);
  expect(await definitions.exportAll()).toEqual(file);
  expect((await definitions.importAll(actor, { file: changed, dryRun: false })).changes).toEqual(report.changes);
  expect((await definitions.getFeature('try_on')).feature).toMatchObject({ quotaCost: 5 });
});

test('what comes with the first day keeps every rule', async () => {
  const { forms, pipelines } = await definitions.exportAll();
  const seeded = ['basic_clean', 'model_pose12', 'promo_poster', 'weekly_drop_trailer', 'video_generate_beta'];
  for (const name of seeded) {
    const featureId = `${name}_copy`;
    const bodyOf = (list: typeof forms): unknown => list.find((each) => each.featureId === name)?.body;
    await definitions.saveDraft(actor, { featureId, kind: 'form', body: bodyOf(forms) });
    const { warnings } = await definitions.saveDraft(actor, {
      featureId,
      kind: 'pipeline',
      body: bodyOf(pipelines),
      acknowledge: ['BG145'],
    });
    expect(warnings.filter(({ rule }) => rule !== 'BG145' && rule !== 'disabled')).toEqual([]);
  }
});

test('a file is refused whole: a published version that differs, a step without its provider, a shape that is wrong', async () => {
  const file = await definitions.exportAll();
  const changed = structuredClone(file);
  const at = changed.forms.findIndex(({ featureId }) => featureId === 'basic_clean');
  Object.assign(changed.forms[at]?.body ?? {}, { submitButton: '改了' });
  for (const feature of changed.features) if (feature.featureId === 'try_on') feature.quotaCost = 7;
  const importing = (given: unknown) => refusal(definitions.importAll(actor, { file: given, dryRun: false }));
  expect(await importing(changed)).toEqual(['DEFINITION_INVALID', `forms.${at}.body frozen`]);
  expect((await definitions.getFeature('try_on')).feature).toMatchObject({ quotaCost: 5 });
  expect((await importing({ ...file, format: 'other' }))[1]).toBe('format invalid_value');
});
