import { LOOSE } from '../assumptions.ts';
import { whole, type Feature } from '../configuration.ts';
import { costlinessOf, type Costliness } from '../costliness.ts';
import type { Facts } from '../facts.ts';
import { pathOf, shown, type ConfigurationRule, type Hit } from '../rule.ts';

const limitsOf = (featureId: string, ...field: string[]): string =>
  pathOf('features', featureId, 'rateLimitPolicy', ...field);

/** How often a member may use what, and how much may be spent on it in a week. */
export const limitRules: readonly ConfigurationRule[] = [
  {
    id: 'BG120',
    severity: 'FAIL',
    title: { zh: '高成本功能必须限流', en: 'An expensive feature has limits' },
    why: {
      zh: '没有限流时，一个脚本一夜之间就能把配额和供应商余额一起刷光。',
      en: 'Without limits one script uses up a month of quota, and our money at the vendor, in a night.',
    },
    incidents: ['customer review list: 高成本功能必须限流', 'open-saas#728', 'one-api#2440'],
    mend: {
      zh: '填写 maxPerHour、maxPerDay 和 cooldownSeconds，例如视频 3/10/600。',
      en: 'Give maxPerHour, maxPerDay and cooldownSeconds, such as 3, 10 and 600 for films.',
    },
    bad: '{ "feature_id": "ai_video_generation", "quota_cost": 5, "rate_limit_policy": null }',
    good: '{ "feature_id": "ai_video_generation", "quota_cost": 5, "rate_limit_policy": { "max_per_hour": 3, "max_per_day": 10, "cooldown_seconds": 600 } }',
    find: (facts) =>
      withKind(facts, ({ rateLimitPolicy }, { kind }) => rateLimitPolicy === null && kind !== 'other').map(
        ({ feature, costliness }) => ({
          path: limitsOf(feature.featureId),
          message: { zh: '高成本功能没有限流', en: 'an expensive feature without limits' },
          evidence: [costliness.why],
        }),
      ),
  },
  {
    id: 'BG121',
    severity: 'WARNING',
    title: { zh: '限流较宽松', en: 'Loose limits' },
    why: {
      zh: '限流是为了在有人看到之前把损失限住；太大的数字等于没有。',
      en: 'A limit is there to bound the damage before somebody looks; a large one bounds nothing.',
    },
    incidents: ['PASS-WITH-WARNING: 限流策略较宽松', 'open-saas#728'],
    mend: {
      zh: `视频不超过 ${LOOSE.video.maxPerHour}/小时、${LOOSE.video.maxPerDay}/天；AI 不超过 ${LOOSE.ai.maxPerHour}、${LOOSE.ai.maxPerDay}；其他不超过 ${LOOSE.other.maxPerHour}、${LOOSE.other.maxPerDay}。`,
      en: `Films: ${LOOSE.video.maxPerHour} an hour and ${LOOSE.video.maxPerDay} a day at most; models ${LOOSE.ai.maxPerHour} and ${LOOSE.ai.maxPerDay}; others ${LOOSE.other.maxPerHour} and ${LOOSE.other.maxPerDay}.`,
    },
    bad: '{ "featureId": "trailer", "category": "video", "quotaCost": 6, "rateLimitPolicy": { "maxPerHour": 60, "maxPerDay": 500, "cooldownSeconds": 600 } }',
    good: '{ "featureId": "trailer", "category": "video", "quotaCost": 6, "rateLimitPolicy": { "maxPerHour": 3, "maxPerDay": 10, "cooldownSeconds": 600 } }',
    find: (facts) => withKind(facts, () => true).flatMap(({ feature, costliness }) => looseHits(feature, costliness)),
  },
  {
    id: 'BG122',
    severity: 'WARNING',
    title: { zh: '高成本功能的冷却时间较短', en: 'A short cooldown of an expensive feature' },
    why: {
      zh: '冷却时间给人和熔断器反应的机会；连续点击不应产生连续的账单。',
      en: 'A cooldown gives people and the breaker time to react; a nervous finger should not make a bill.',
    },
    incidents: ['PASS-WITH-WARNING: 高成本功能的 cooldown_seconds 较短'],
    mend: {
      zh: `视频 ${LOOSE.video.cooldownSeconds} 秒以上，AI ${LOOSE.ai.cooldownSeconds} 秒以上。`,
      en: `Films ${LOOSE.video.cooldownSeconds} s or more, models ${LOOSE.ai.cooldownSeconds} s or more.`,
    },
    bad: '{ "featureId": "trailer", "category": "video", "quotaCost": 6, "rateLimitPolicy": { "maxPerHour": 3, "maxPerDay": 10, "cooldownSeconds": 5 } }',
    good: '{ "featureId": "trailer", "category": "video", "quotaCost": 6, "rateLimitPolicy": { "maxPerHour": 3, "maxPerDay": 10, "cooldownSeconds": 600 } }',
    find: (facts) =>
      withKind(facts, () => true).flatMap(({ feature, costliness: { kind, why } }) => {
        const cooldown = whole(feature.rateLimitPolicy?.cooldownSeconds);
        if (kind === 'other' || cooldown === undefined || cooldown >= LOOSE[kind].cooldownSeconds) return [];
        const message = { zh: `冷却时间只有 ${cooldown} 秒`, en: `a cooldown of ${cooldown} s` };
        const evidence = [`${why}; ${cooldown} < ${LOOSE[kind].cooldownSeconds}`];
        return [{ path: limitsOf(feature.featureId, 'cooldownSeconds'), message, evidence }];
      }),
  },
  {
    id: 'BG123',
    severity: 'WARNING',
    title: { zh: '功能没有限流', en: 'A feature without limits' },
    why: {
      zh: '便宜的功能也会被脚本刷；限流让异常在一小时内可见。',
      en: 'Cheap features are scripted too; a limit makes what is strange visible within the hour.',
    },
    incidents: ['PASS-WITH-WARNING: 限流策略较宽松', 'easy-sms#202: limits per phone, not only per address'],
    mend: { zh: '填写 rateLimitPolicy。', en: 'Give a rateLimitPolicy.' },
    bad: '{ "featureId": "basic_clean", "category": "image", "quotaCost": 1, "rateLimitPolicy": null }',
    good: '{ "featureId": "basic_clean", "category": "image", "quotaCost": 1, "rateLimitPolicy": { "maxPerHour": 50, "maxPerDay": 500, "cooldownSeconds": 0 } }',
    find: (facts) =>
      withKind(facts, ({ rateLimitPolicy }, { kind }) => rateLimitPolicy === null && kind === 'other').map(
        ({ feature }) => ({
          path: limitsOf(feature.featureId),
          message: { zh: '没有使用频率限制', en: 'there is no limit to how often it can be used' },
        }),
      ),
  },
  {
    id: 'BG124',
    severity: 'FAIL',
    title: { zh: '限流必须是有意义的整数', en: 'Limits are whole numbers that limit something' },
    why: {
      zh: '0、负数或小数的限流要么谁都用不了，要么谁都不限。',
      en: 'A limit of zero, below, or in fractions stops everybody or nobody.',
    },
    incidents: ['a predecessor: figures of any kind accepted'],
    mend: {
      zh: 'maxPerHour 和 maxPerDay 为大于 0 的整数，cooldownSeconds 为不小于 0 的整数。',
      en: 'maxPerHour and maxPerDay are whole and above zero; cooldownSeconds is whole and not below zero.',
    },
    bad: '{ "featureId": "basic_clean", "category": "image", "quotaCost": 1, "rateLimitPolicy": { "maxPerHour": 0, "maxPerDay": 1.5, "cooldownSeconds": -1 } }',
    good: '{ "featureId": "basic_clean", "category": "image", "quotaCost": 1, "rateLimitPolicy": { "maxPerHour": 50, "maxPerDay": 500, "cooldownSeconds": 0 } }',
    find: ({ configuration }) => configuration.features.flatMap(senselessLimits),
  },
  {
    id: 'BG125',
    severity: 'WARNING',
    title: { zh: '高成本功能没有周预算', en: 'An expensive feature without a weekly budget' },
    why: {
      zh: '限流管住一个会员，预算管住所有会员：一次营销活动就能把供应商余额用完。',
      en: 'Limits hold one member, a budget holds all of them: one campaign can empty our account at the vendor.',
    },
    incidents: ['customer brief step 5: 成本超预算的自动告警', 'litellm#37592: out of balance at the vendor'],
    mend: { zh: '填写 weeklyBudgetFen。', en: 'Give weeklyBudgetFen.' },
    bad: '{ "featureId": "trailer", "category": "video", "quotaCost": 6, "weeklyBudgetFen": null }',
    good: '{ "featureId": "trailer", "category": "video", "quotaCost": 6, "weeklyBudgetFen": 100000 }',
    find: (facts) =>
      withKind(facts, ({ weeklyBudgetFen }, { kind }) => weeklyBudgetFen === null && kind !== 'other').map(
        ({ feature, costliness }) => ({
          path: pathOf('features', feature.featureId, 'weeklyBudgetFen'),
          message: { zh: '高成本功能没有周预算', en: 'an expensive feature without a weekly budget' },
          evidence: [costliness.why],
        }),
      ),
  },
  {
    id: 'BG126',
    severity: 'FAIL',
    title: { zh: '预算必须是大于 0 的整数分', en: 'A budget is whole fen above zero' },
    why: { zh: '小数或 0 的预算无法精确比较。', en: 'A budget of zero or in fractions can not be compared exactly.' },
    incidents: ['the design’s list: fractional or float money'],
    mend: { zh: '用整数分填写 weeklyBudgetFen。', en: 'Give weeklyBudgetFen in whole fen.' },
    bad: '{ "featureId": "trailer", "category": "video", "quotaCost": 6, "weeklyBudgetFen": 1000.5 }',
    good: '{ "featureId": "trailer", "category": "video", "quotaCost": 6, "weeklyBudgetFen": 100000 }',
    find: ({ configuration }) =>
      configuration.features
        .filter(({ weeklyBudgetFen: budget }) => budget !== undefined && budget !== null && (whole(budget) ?? 0) <= 0)
        .map(({ featureId, weeklyBudgetFen }) => ({
          path: pathOf('features', featureId, 'weeklyBudgetFen'),
          message: {
            zh: `预算 ${shown(weeklyBudgetFen)} 不是大于 0 的整数分`,
            en: `the budget ${shown(weeklyBudgetFen)} is not whole fen above zero`,
          },
        })),
  },
];

type Kinded = { feature: Feature; costliness: Costliness };

function withKind(facts: Facts, isMeant: (feature: Feature, costliness: Costliness) => boolean): Kinded[] {
  return facts.configuration.features
    .map((feature) => ({ feature, costliness: costlinessOf(facts, feature) }))
    .filter(({ feature, costliness }) => isMeant(feature, costliness));
}

function looseHits({ featureId, rateLimitPolicy }: Feature, { kind, why }: Costliness): Hit[] {
  const [hour, day] = [whole(rateLimitPolicy?.maxPerHour), whole(rateLimitPolicy?.maxPerDay)];
  const most = LOOSE[kind];
  const loose = (field: 'maxPerHour' | 'maxPerDay', message: Hit['message'], evidence: string): Hit => ({
    path: limitsOf(featureId, field),
    message,
    evidence: [evidence],
  });
  const hits: Hit[] = [];
  if (hour !== undefined && hour > most.maxPerHour)
    hits.push(
      loose(
        'maxPerHour',
        { zh: `每小时允许 ${hour} 次`, en: `${hour} uses an hour are allowed` },
        `${why}; ${hour} > ${most.maxPerHour}`,
      ),
    );
  if (day !== undefined && day > most.maxPerDay)
    hits.push(
      loose(
        'maxPerDay',
        { zh: `每天允许 ${day} 次`, en: `${day} uses a day are allowed` },
        `${why}; ${day} > ${most.maxPerDay}`,
      ),
    );
  if (hour !== undefined && day !== undefined && hour > day)
    hits.push(
      loose(
        'maxPerHour',
        { zh: '每小时上限大于每天上限，永远不会生效', en: 'the hour allows more than the day, so it never acts' },
        `${hour} > ${day}`,
      ),
    );
  return hits;
}

function senselessLimits({ featureId, rateLimitPolicy }: Feature): Hit[] {
  if (rateLimitPolicy === undefined || rateLimitPolicy === null) return [];
  const leasts = { maxPerHour: 1, maxPerDay: 1, cooldownSeconds: 0 } as const;
  return (['maxPerHour', 'maxPerDay', 'cooldownSeconds'] as const)
    .filter((field) => field in rateLimitPolicy && (whole(rateLimitPolicy[field]) ?? -1) < leasts[field])
    .map((field) => ({
      path: limitsOf(featureId, field),
      message: {
        zh: `${field} 为 ${shown(rateLimitPolicy[field])}，应为不小于 ${leasts[field]} 的整数`,
        en: `${field} is ${shown(rateLimitPolicy[field])}, not a whole number of ${leasts[field]} or more`,
      },
    }));
}
