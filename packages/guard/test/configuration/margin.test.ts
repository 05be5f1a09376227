import { expect, it } from 'vitest';
import { factsOf } from '../../src/configuration/facts.ts';
import { featureCostOf } from '../../src/configuration/feature-cost.ts';
import { readConfiguration } from '../../src/configuration/read-configuration.ts';
import { reviewConfiguration } from '../../src/configuration/review-configuration.ts';
import { unitRevenueOf } from '../../src/configuration/unit-revenue.ts';

const now = new Date('2026-06-01T00:00:00Z');
const hub = { providerRef: 'hub', kind: 'runninghub', unitCostMicroYuan: 500_000 };
const engine = { providerRef: 'engine', kind: 'builtin', unitCostMicroYuan: 2_000 };
const step = (providerCandidates: string[], maxAttempts: number) => ({
  providerCandidates,
  timeoutSeconds: 60,
  retry: { maxAttempts },
});
const plan = (planId: string, level: number, priceFen: number, quota: number) => ({
  planId,
  version: 1,
  level,
  priceFen,
  quota,
});

function facts(parts: {
  steps: object[];
  providers?: object[];
  plans?: object[];
  feature?: object;
  unitPrices?: object[];
}) {
  const {
    steps,
    providers = [hub, engine],
    plans = [plan('BASIC', 1, 9_900, 100)],
    feature = {},
    unitPrices = [],
  } = parts;
  const configuration = readConfiguration({
    providers,
    plans,
    unitPrices,
    features: [{ featureId: 'f', category: 'image', quotaCost: 1, pipelineVersion: 1, ...feature }],
    pipelines: [{ featureId: 'f', version: 1, body: { steps } }],
  });
  const [first] = configuration.features;
  if (first === undefined) throw new Error('no feature');
  return { facts: factsOf(configuration, now), feature: first, configuration };
}

function costOf(parts: Parameters<typeof facts>[0]) {
  const built = facts(parts);
  return featureCostOf(built.facts, built.feature);
}

it('counts every attempt of every candidate, those that fail too', () => {
  // 1 call, 0.1 of a second, then 0.01 of the engine and 0.001 of its second.
  expect(costOf({ steps: [step(['hub', 'engine'], 2)] })).toMatchObject({
    expectedMicroYuan: 550_000 + 22,
    successPpm: 999_900,
    worstMicroYuan: 1_004_000,
    perResultMicroYuan: 550_078,
  });
});

it('pays for runs that give no result with those that do', () => {
  expect(costOf({ steps: [step(['hub'], 1)] })).toMatchObject({
    expectedMicroYuan: 500_000,
    successPpm: 900_000,
    perResultMicroYuan: 555_556,
  });
});

it('runs a later step only when those before succeeded', () => {
  expect(costOf({ steps: [step(['hub'], 1), step(['engine'], 1)] })).toMatchObject({
    expectedMicroYuan: 500_000 + 1_800,
    successPpm: 810_000,
    worstMicroYuan: 502_000,
  });
});

const measured = (attempts: number) =>
  costOf({ steps: [step(['hub'], 1)], providers: [{ ...hub, attempts, successes: attempts / 2 }] });
it('believes a measured rate from fifty attempts on', () => {
  expect(measured(48)?.successPpm).toBe(900_000);
  expect(measured(50)?.successPpm).toBe(500_000);
  expect(measured(50)?.lines[0]).toContain('25 of 50 succeeded');
});

const price = (item: string, microYuan: number, from: string, to: string | null) => ({
  item,
  microYuan,
  validFrom: `${from}T00:00:00.000Z`,
  validTo: to === null ? null : `${to}T00:00:00.000Z`,
});
it('takes the price that holds now, of the endpoint before the provider, before the estimate', () => {
  const steps = [{ ...step(['hub'], 1), endpoint: 'pose' }];
  const cost = (...unitPrices: object[]) => costOf({ steps, unitPrices })?.expectedMicroYuan;
  expect(cost()).toBe(500_000);
  expect(cost(price('provider:hub', 400_000, '2026-01-01', null))).toBe(400_000);
  expect(cost(price('provider:hub', 400_000, '2026-01-01', '2026-06-01'))).toBe(500_000);
  expect(cost(price('provider:hub', 400_000, '2026-06-02', null))).toBe(500_000);
  expect(
    cost(price('provider:hub', 400_000, '2026-01-01', null), price('provider:hub:pose', 300_000, '2026-01-01', null)),
  ).toBe(300_000);
});

it('knows no cost while a provider, its price or any success is missing', () => {
  expect(costOf({ steps: [step(['nobody'], 1)] })).toBeUndefined();
  expect(costOf({ steps: [step(['hub'], 1)], providers: [{ ...hub, unitCostMicroYuan: 0 }] })).toBeUndefined();
  expect(costOf({ steps: [step(['hub'], 1)], providers: [{ ...hub, attempts: 60, successes: 0 }] })).toBeUndefined();
});

it('earns what the cheapest unit brings in among the plans that may use the feature, less the fee', () => {
  const plans = [plan('BASIC', 1, 9_900, 100), plan('PRO', 2, 19_900, 200), plan('PREMIUM', 3, 39_900, 500)];
  const earned = (feature: object) => {
    const built = facts({ steps: [step(['hub'], 1)], plans, feature });
    return unitRevenueOf(built.facts, built.feature);
  };
  expect(earned({ planRequired: null })).toMatchObject({ planId: 'PREMIUM', microYuan: 793_212 });
  expect(earned({ accessScope: 'whitelist', planRequired: null })).toMatchObject({ planId: 'PREMIUM' });
  const withoutPremium = plans.slice(0, 2);
  const built = facts({ steps: [step(['hub'], 1)], plans: withoutPremium, feature: { planRequired: 2 } });
  expect(unitRevenueOf(built.facts, built.feature)).toMatchObject({ planId: 'PRO', microYuan: 989_030 });
});

it('prints the arithmetic of a loss', () => {
  const { configuration } = facts({ steps: [step(['hub'], 3)], providers: [{ ...hub, unitCostMicroYuan: 1_000_000 }] });
  const found = reviewConfiguration(configuration, { now }).findings.find(({ ruleId }) => ruleId === 'BG115');
  expect(found?.message.en).toBe('a result costs ¥1.111112 and brings in ¥0.984060');
  expect(found?.evidence).toEqual([
    'steps.0: hub ¥1.000000 (unitCostMicroYuan) × 1.110000 calls = ¥1.110000; 0.900000 assumed to succeed, at most 3 calls',
    'cost of a result: ¥1.110000 a run / 0.999000 succeed = ¥1.111112',
    'revenue of a unit: BASIC/1 ¥99.00 × (1 − 60/10000 fee) / 100 = ¥0.984060',
    'revenue of a result: ¥0.984060 × 1 = ¥0.984060',
    'cost / revenue = 1.129110; at worst ¥3.000000',
  ]);
});

/** A cut-out of every picture, then a film of them; one provider bills by the picture. */
function costOfAlbum(form: object | undefined, images: string, second: object = step(['engine'], 1)) {
  const ci = { providerRef: 'ci', kind: 'tencent_ci', unitCostMicroYuan: 30_000, attempts: 60, successes: 60 };
  const all = { ...step(['ci', 'engine'], 1), endpoint: 'garment.cutout_all', inputMapping: { images } };
  const configuration = readConfiguration({
    providers: [ci, engine],
    features: [{ featureId: 'f', category: 'video', quotaCost: 6, formVersion: 1, pipelineVersion: 1 }],
    forms: form === undefined ? [] : [{ featureId: 'f', version: 1, body: { fields: [form] } }],
    pipelines: [{ featureId: 'f', version: 1, body: { steps: [all, second] } }],
  });
  const [feature] = configuration.features;
  return feature && featureCostOf(factsOf(configuration, now), feature);
}

it('counts a call that is billed by the picture as all the pictures that the form lets in', () => {
  const cost = costOfAlbum({ key: 'photos', type: 'images', validation: { maxCount: 12 } }, '${input_data.photos}');
  // Twelve cut-outs; nothing is left for the engine, which then makes the film once.
  expect(cost).toMatchObject({ expectedMicroYuan: 12 * 30_000 + 2_000, worstMicroYuan: 12 * 30_000 + 2 * 2_000 });
  expect(cost?.lines[0]).toBe(
    'steps.0: ci ¥0.030000 (unitCostMicroYuan) × 12 (pictures: maxCount of photos) × 1.000000 calls = ¥0.360000; 60 of 60 succeeded, at most 1 calls',
  );
  expect(cost?.lines[1]).not.toContain('pictures');
});

it('follows pictures through the steps, takes the most there can be without a limit, and one where nobody can tell', () => {
  const photos = { key: 'photos', type: 'images' };
  const again = {
    ...step(['ci'], 1),
    endpoint: 'garment.cutout_all',
    inputMapping: { images: '${steps[0].output.images}' },
  };
  const limited = { ...photos, validation: { maxCount: 3 } };
  expect(costOfAlbum(limited, '${input_data.photos}', again)?.expectedMicroYuan).toBe(2 * 3 * 30_000);
  expect(costOfAlbum(photos, '${input_data.photos}')?.expectedMicroYuan).toBe(50 * 30_000 + 2_000);
  for (const images of ['${input_data.other}', '${steps[0].output.images}', '${steps[1].output.images}', 'photos'])
    expect(costOfAlbum(limited, images)?.expectedMicroYuan).toBe(30_000 + 2_000);
  expect(costOfAlbum(undefined, '${input_data.photos}')?.expectedMicroYuan).toBe(30_000 + 2_000);
});
