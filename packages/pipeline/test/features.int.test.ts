import { featureDefinitionSchema } from '@yunshang/contracts';
import { systemClock } from '@yunshang/db';
import { makeMember } from '@yunshang/devstack';
import { testDatabase, type TestDatabase } from '@yunshang/devstack/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createFeatureCatalog, createFeatures, createServability, type Features } from '../src/index.ts';
import { ahead } from './rig.ts';

let database: TestDatabase;
let features: Features;
const ON = ['model_pose12', 'promo_poster', 'weekly_drop_trailer', 'video_generate_beta'];
beforeAll(async () => {
  database = await testDatabase();
});
const openFeatures = (): Features =>
  createFeatures({ db: database.db, catalog: createFeatureCatalog(database.db, systemClock) });
afterAll(() => database.close());

const seen = async (userId: string, now = new Date()): Promise<string[]> =>
  (await features.list(userId, now)).map((feature) => feature.featureId);

test('on the first day three features are on, and two wait with a form and a pipeline that hold', async () => {
  const who = await makeMember(database.db, { plan: 'PREMIUM' });
  features = openFeatures();
  expect(await seen(who.userId)).toEqual(['basic_clean', 'promo_poster', 'weekly_drop_trailer']);
  await database.db.updateTable('feature_definitions').set({ is_enabled: 1 }).execute();
  const all = await createFeatureCatalog(database.db, systemClock).list();
  expect(all.map(({ definition }) => definition.featureId)).toEqual(['basic_clean', ...ON]);
  for (const { definition, pipeline } of all) {
    expect(featureDefinitionSchema.parse(definition)).toEqual(definition);
    expect(pipeline.onFailure).toBe('refund_quota');
  }
});

test('each plan sees its features, in order; a named account sees the closed one too', async () => {
  features = openFeatures();
  const basic = await makeMember(database.db, { plan: 'BASIC' });
  const pro = await makeMember(database.db, { plan: 'PRO' });
  const premium = await makeMember(database.db, { plan: 'PREMIUM' });
  expect(await seen(basic.userId)).toEqual(['basic_clean', 'promo_poster']);
  expect(await seen(pro.userId)).toEqual(['basic_clean', 'model_pose12', 'promo_poster']);
  expect(await seen(premium.userId)).toEqual(['basic_clean', 'model_pose12', 'promo_poster', 'weekly_drop_trailer']);

  const invited = await makeMember(database.db, { plan: 'BASIC' });
  await database.db
    .updateTable('feature_definitions')
    .set({ allowed_accounts: JSON.stringify([invited.accountId]) })
    .where('feature_id', '=', 'video_generate_beta')
    .execute();
  features = openFeatures();
  expect(await seen(invited.userId)).toEqual(['basic_clean', 'promo_poster', 'video_generate_beta']);
  expect(await seen(premium.userId)).not.toContain('video_generate_beta');
});

test('what a member sees holds no accounts, pipelines or providers', async () => {
  const who = await makeMember(database.db, { plan: 'PREMIUM' });
  const text = JSON.stringify([
    await features.list(who.userId, new Date()),
    await features.form(who.userId, 'model_pose12', new Date()),
  ]);
  expect(text).not.toMatch(/allowedAccounts|pipeline|runninghub|tencent|builtin|scf|weeklyBudget/i);
});

test('a form is refused like its feature', async () => {
  const basic = await makeMember(database.db, { plan: 'BASIC' });
  const now = new Date();
  expect(await features.form(basic.userId, 'basic_clean', now)).toMatchObject({
    version: 1,
    fields: [{ key: 'photo' }],
  });
  await expect(features.form(basic.userId, 'model_pose12', now)).rejects.toMatchObject({ code: 'PLAN_LEVEL_TOO_LOW' });
  await expect(features.form(basic.userId, 'video_generate_beta', now)).rejects.toMatchObject({
    code: 'FEATURE_NOT_ALLOWED',
  });
  await expect(features.form(basic.userId, 'no_such', now)).rejects.toMatchObject({ code: 'FEATURE_NOT_FOUND' });
});

test('a membership that has ended shows what there is to buy, no more', async () => {
  const past = new Date(Date.now() - 86_400_000);
  const who = await makeMember(database.db, {
    plan: 'PREMIUM',
    startsAt: new Date(past.getTime() - 1_000),
    endsAt: past,
  });
  expect(await seen(who.userId)).toEqual(['basic_clean', 'promo_poster']);
  await expect(features.form(who.userId, 'weekly_drop_trailer', new Date())).rejects.toMatchObject({
    code: 'MEMBERSHIP_REQUIRED',
  });
});

test('a feature that is switched off or deleted is gone within seconds', async () => {
  const catalog = createFeatureCatalog(database.db, systemClock);
  expect(await catalog.get('promo_poster')).toBeDefined();
  await database.db
    .updateTable('feature_definitions')
    .set({ deleted_at: new Date() })
    .where('feature_id', '=', 'promo_poster')
    .execute();
  expect(await catalog.get('promo_poster')).toBeDefined();
  expect(await createFeatureCatalog(database.db, ahead(3_000)).get('promo_poster')).toBeUndefined();
  expect(await catalog.version('promo_poster', 1, 1)).toBeDefined();
});

test('a pipeline can be served while each step has a candidate that is on and not down', async () => {
  const catalog = createFeatureCatalog(database.db, systemClock);
  const pipelineOf = async (featureId: string) => {
    const feature = await catalog.get(featureId);
    if (feature === undefined) throw new Error(`no ${featureId}`);
    return feature.pipeline;
  };
  const clean = await pipelineOf('basic_clean');
  const canServe = (): Promise<boolean> => createServability(database.db, systemClock)(clean);
  const health = (ref: string, probeAfterMs: number) =>
    database.db
      .updateTable('provider_health')
      .set({ status: 'down', consecutive_failures: 3, probe_after: new Date(Date.now() + probeAfterMs) })
      .where('provider_ref', '=', ref)
      .execute();
  expect(await canServe()).toBe(true);
  await health('tencent-ci', 60_000);
  expect(await canServe()).toBe(true);
  await health('builtin-image-engine', 60_000);
  expect(await canServe()).toBe(false);
  await health('builtin-image-engine', -1);
  expect(await canServe()).toBe(true);
  expect(await createServability(database.db, systemClock)(await pipelineOf('model_pose12'))).toBe(false);
});
