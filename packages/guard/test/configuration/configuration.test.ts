import { expect, it } from 'vitest';
import { costlinessOf } from '../../src/configuration/costliness.ts';
import { factsOf } from '../../src/configuration/facts.ts';
import { readConfiguration, UnreadableConfiguration } from '../../src/configuration/read-configuration.ts';
import { reviewConfiguration } from '../../src/configuration/review-configuration.ts';

const now = new Date('2026-06-01T00:00:00Z');
const review = (json: unknown) => reviewConfiguration(readConfiguration(json), { now });
const rulesFound = (json: unknown) => review(json).findings.map(({ ruleId }) => ruleId);
const step = { name: 'a', providerCandidates: ['x', 'y'], timeoutSeconds: 60 };
const body = { steps: [step], onFailure: 'refund_quota', maxExecutionSeconds: 100 };

it('reads an export, a list, a single thing, in an envelope, in either case', () => {
  const feature = { feature_id: 'basic_clean', quota_cost: -1 };
  const inCamel = { featureId: 'basic_clean', quotaCost: -1 };
  for (const json of [
    feature,
    inCamel,
    [feature],
    { features: [inCamel] },
    { success: true, data: { features: [feature] } },
  ])
    expect(rulesFound(json)).toEqual(['BG110']);
  expect(rulesFound({ file: { format: 'yunshang-definitions/1', features: [inCamel] }, dryRun: true })).toEqual([
    'BG110',
  ]);
  expect(rulesFound({ planId: 'P', priceFen: 0, quota: 1 })).toEqual(['BG101']);
  expect(rulesFound({ ...body, on_failure: 'no_refund', onFailure: undefined })).toEqual(['BG143']);
  expect(rulesFound({ fields: [{ key: 'text', type: 'textarea' }] })).toEqual(['BG162']);
});

it('leaves the names of mappings alone', () => {
  const mapped = { ...body, steps: [{ ...step, input_mapping: { some_name: '${steps[0].output.x_y}' } }] };
  expect(review(mapped).findings[0]?.where).toEqual({ path: 'pipelines.given/1.steps.0.inputMapping.some_name' });
});

it.each([
  ['nothing', null],
  ['text', 'features'],
  ['an empty object', {}],
  ['an empty list', []],
  ['features without names', { features: [{ quotaCost: 1 }] }],
  ['something else', { orders: [1] }],
])('refuses %s and says why', (_what, json) => {
  expect(() => readConfiguration(json)).toThrow(UnreadableConfiguration);
});

it('gives the same report for the same configuration whatever the order of its parts', () => {
  const features = [
    { featureId: 'one', category: 'video', quotaCost: 1, rateLimitPolicy: null, weeklyBudgetFen: null },
    { featureId: 'two', category: 'image', quotaCost: 0 },
  ];
  expect(review({ features })).toEqual(review({ features: features.toReversed() }));
});

it('says nothing of what is absent, and something of what is null', () => {
  expect(rulesFound({ featureId: 'poses', category: 'video', quotaCost: 6 })).toEqual([]);
  expect(rulesFound({ featureId: 'poses', category: 'video', quotaCost: 6, weeklyBudgetFen: null })).toEqual(['BG125']);
});

it.each([
  ['fractions', 1.5],
  ['text', '5'],
  ['null', null],
  ['not a number', 'NaN'],
  ['too large to be exact', 2 ** 53],
])('refuses a quotaCost of %s', (_what, quotaCost) => {
  expect(rulesFound({ featureId: 'f', category: 'image', quotaCost })).toEqual(['BG110']);
});

const kindOf = (feature: object, more: object = {}) => {
  const configuration = readConfiguration({ features: [{ featureId: 'ai_video', ...feature }], ...more });
  const [first] = configuration.features;
  return first && costlinessOf(factsOf(configuration, now), first).kind;
};
const pipelineOf = (steps: object[]) => ({
  pipelines: [{ featureId: 'ai_video', version: 1, body: { ...body, steps } }],
});
it('sees what is expensive by its category, its steps and its price, and by its name only when it has nothing else', () => {
  expect(kindOf({})).toBe('video');
  expect(kindOf({ featureId: 'x', title: '智能抠图' })).toBe('ai');
  expect(kindOf({ category: 'image' })).toBe('other');
  expect(kindOf({ outputType: 'video' })).toBe('video');
  expect(kindOf({}, pipelineOf([step]))).toBe('other');
  expect(kindOf({}, pipelineOf([{ ...step, type: 'async_api' }]))).toBe('ai');
  const dear = { providers: [{ providerRef: 'x', kind: 'http', unitCostMicroYuan: 300_000 }] };
  expect(kindOf({}, { ...pipelineOf([step]), ...dear })).toBe('dear');
  expect(kindOf({}, { ...pipelineOf([step]), providers: [{ providerRef: 'x', kind: 'runninghub' }] })).toBe('ai');
});

it('judges the versions that are used or may come, not those that were', () => {
  const bad = { ...body, onFailure: 'no_refund' };
  const version = (number: number, status: string) => ({ featureId: 'f', version: number, status, body: bad });
  const features = [{ featureId: 'f', category: 'image', quotaCost: 1, pipelineVersion: 2 }];
  const pipelines = [
    version(1, 'archived'),
    version(2, 'published'),
    version(3, 'draft'),
    version(4, 'published'),
    version(5, 'archived'),
  ];
  expect(review({ features, pipelines }).findings.map(({ where }) => where)).toEqual([
    { path: 'pipelines.f/2.onFailure' },
    { path: 'pipelines.f/3.onFailure' },
    { path: 'pipelines.f/4.onFailure' },
  ]);
});

const mapping = (inputMapping: object) => rulesFound({ ...body, steps: [{ ...step, inputMapping }] });
it('finds secrets wherever a mapping reads them, and takes no member’s field for one', () => {
  for (const source of [
    'env.COS_SECRET_KEY',
    'env.JWT_PRIVATE_KEY',
    'credentials.apiKey',
    'env.SMS_TOKEN',
    'env.DB_PASSWORD',
  ])
    expect(mapping({ deep: [{ value: `Bearer \${${source}}` }] })).toEqual(['BG151']);
  expect(mapping({ apiKey: 'sk-0123456789abcdef' })).toEqual(['BG151']);
  expect(mapping({ words: '${input_data.tokenText}', keyword: 'linen summer dress' })).toEqual([]);
  expect(mapping({ env: '${env.HOME}' })).toEqual(['BG152']);
  expect(mapping({ image: '${input_data.photo' })).toEqual(['BG153']);
});
