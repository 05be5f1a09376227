import { describe, expect, it, test } from 'vitest';
import { firstDay } from '../../src/configuration/first-day.ts';
import { readConfiguration } from '../../src/configuration/read-configuration.ts';
import { RULES } from '../../src/rules.ts';
import { makeStrategy } from '../../src/strategy/make-strategy.ts';
import { strategyChart } from '../../src/strategy/strategy-chart.ts';
import { strategyText } from '../../src/strategy/strategy-text.ts';
import { percentText } from '../../src/strategy/strategy.ts';
import { type } from '../cli/typing.ts';

const now = new Date('2026-06-01T00:00:00Z');

/** One plan of ¥100.00 and 100 units; a call costs what is said and always succeeds. */
function shop(feature: object, unitCostMicroYuan: number) {
  const body = { steps: [{ type: 'async_api', providerCandidates: ['hub'], timeoutSeconds: 60 }] };
  return readConfiguration({
    plans: [{ planId: 'ONE', level: 1, title: '单一', priceFen: 10_000, quota: 100, periodDays: 30 }],
    providers: [{ providerRef: 'hub', kind: 'runninghub', unitCostMicroYuan, attempts: 100, successes: 100 }],
    features: [{ featureId: 'film', title: '短片 <a&b>', category: 'video', quotaCost: 5, ...feature }],
    pipelines: [{ featureId: 'film', version: 1, body }],
  });
}

const onlyMix = (feature: object, cost: number) =>
  makeStrategy(shop(feature, cost), { now }).plans.flatMap(({ mixes }) => mixes)[0];

describe('a period in which the quota is used up', () => {
  it('costs its results and leaves the rest of what the payment left', () => {
    // ¥100.00 less 0.60 % is ¥99.40; 100 units are 20 films of ¥2.00.
    expect(onlyMix({}, 2_000_000)).toEqual({
      name: { zh: '只用短片 <a&b>', en: 'only film' },
      sharesPpm: { film: 1_000_000 },
      units: 100,
      costMicroYuan: 40_000_000,
      profitMicroYuan: 59_400_000,
      marginPpm: 597_585,
      breakEvenPpm: 2_485_000,
    });
  });

  it('loses from the share of the quota at which its costs are what it brought in', () => {
    expect(onlyMix({}, 10_000_000)).toMatchObject({ profitMicroYuan: -100_600_000, breakEvenPpm: 497_000 });
  });

  it('spends no more than the limits of the feature let a member spend', () => {
    // One film in 30 days of one each takes 150 units; 100 is all there is.
    expect(onlyMix({ rateLimitPolicy: { maxPerDay: 1 } }, 2_000_000)).toMatchObject({ units: 100 });
    expect(onlyMix({ quotaCost: 1, rateLimitPolicy: { maxPerDay: 1 } }, 2_000_000)).toMatchObject({
      units: 30,
      costMicroYuan: 60_000_000,
    });
  });
});

test('a feature that nobody knows the cost of is named, and not reckoned with', () => {
  const { plans, unknown } = makeStrategy(shop({ pipelineVersion: 7 }, 1), { now });
  expect(unknown.map(({ featureId }) => featureId)).toEqual(['film']);
  expect(plans[0]?.mixes).toEqual([]);
});

const highRisks = (feature: object, cost: number) =>
  makeStrategy(shop(feature, cost), { now })
    .risks.filter(({ level }) => level === 'high')
    .map(({ kind, title }) => `${kind}: ${title.en}`);

test('what loses money, is free or has no limits is a high risk, and comes first', () => {
  const limited = { rateLimitPolicy: { maxPerHour: 1, maxPerDay: 2, cooldownSeconds: 600 } };
  expect(highRisks(limited, 1_000_000)).toEqual([]);
  expect(highRisks({}, 1_000_000)).toEqual(['abuse: One member at the limits for a whole day']);
  expect(highRisks({ ...limited, quotaCost: 0 }, 1_000_000)).toEqual(['abuse: A free feature is farmed']);
  expect(highRisks(limited, 10_000_000)).toEqual([
    'overuse: The whole quota goes to the dearest feature',
    'payment_failure: A refund after the quota was used',
  ]);
});

test('the rules that stand against a risk are rules there are', () => {
  const { risks } = makeStrategy(firstDay(), { now });
  const named = risks.flatMap(({ answer }) => [answer.zh, answer.en].join(' ').match(/BG\d{3}/g) ?? []);
  expect(named.length).toBeGreaterThan(10);
  expect(named.filter((id) => !RULES.has(id))).toEqual([]);
});

test('the picture has a bar for every way of spending, within the picture, and its text is escaped', () => {
  const strategy = makeStrategy(shop({}, 10_000_000), { now });
  const picture = strategyChart(strategy);
  expect(picture).toMatch(/^<svg [^>]*viewBox="0 0 960 \d+"[^]*<\/svg>\n$/);
  expect(picture).toContain('短片 &lt;a&amp;b&gt;');
  const bars = [...picture.matchAll(/<rect x="340" y="\d+" width="(\d+)" height="16"/g)].map(([, width]) =>
    Number(width),
  );
  expect(bars).toEqual([440, 440]);
  const seeds = strategyChart(makeStrategy(firstDay(), { now }));
  expect(seeds.match(/height="16"/g)).toHaveLength(2 * (4 + 5 + 6));
});

test('the text says Chinese first, and the same figures twice', () => {
  const strategy = makeStrategy(firstDay(), { now });
  expect(strategyText(strategy)).toContain('只用AI模特12分镜 · only model_pose12: 200 配额 units');
  expect(makeStrategy(firstDay(), { now: new Date(now.getTime() + 1) })).toEqual(strategy);
});

test.each([
  [123_456, '12.3%'],
  [-1, '-0.1%'],
  [-500_000, '-50.0%'],
  [2_485_000, '248.5%'],
])('%i parts in a million are %s', (ppm, text) => {
  expect(percentText(ppm)).toBe(text);
});

describe('the command', () => {
  it('takes a mix of its own and prints JSON', async () => {
    const argv = ['strategy', '--seeds', '--format', 'json', '--mix', 'basic_clean=70,promo_poster=30'];
    const { code, out } = await type('/', ...argv);
    expect(code).toBe(0);
    expect(JSON.parse(out).plans[0]).toMatchObject({
      planId: 'BASIC',
      mixes: [{ sharesPpm: { basic_clean: 700_000, promo_poster: 300_000 }, costMicroYuan: 3_393_170 }, {}, {}, {}, {}],
    });
    expect((await type('/', 'strategy', '--seeds', '--format', 'svg')).out).toContain('<svg');
  });

  it.each([
    ['per cents that make no hundred', ['--seeds', '--mix', 'basic_clean=70'], 'make 100'],
    ['a feature named twice', ['--seeds', '--mix', 'basic_clean=50,basic_clean=50'], 'make 100'],
    ['a feature that is not there', ['--seeds', '--mix', 'sky=100'], '--mix names sky'],
    ['a format that is not there', ['--seeds', '--format', 'sarif'], '--format is one of text, json, svg'],
    ['no source', [], 'name one of --file, --database and --seeds'],
  ])('answers %s with what to type, and exits 3', async (_what, argv, message) => {
    const { code, err } = await type('/', 'strategy', ...argv);
    expect(code).toBe(3);
    expect(err).toContain(message);
  });

  it('exits 3 for what can not be read, in the format that was asked for', async () => {
    const { code, out } = await type('/', 'strategy', '--file', '/no/such.json', '--format', 'json');
    expect({ code, verdict: JSON.parse(out).verdict }).toEqual({ code: 3, verdict: 'UNJUDGED' });
  });
});
