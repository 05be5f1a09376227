import { whole, type Plan } from '../configuration.ts';
import { pathOf, shown, type ConfigurationRule, type Hit } from '../rule.ts';
import { onSale } from '../unit-revenue.ts';
import { fenText } from '../yuan.ts';

const nameOf = ({ planId, version }: Plan): string => `${planId}/${version}`;

/** What is sold: whole fen, whole quota, the same everywhere. */
export const planRules: readonly ConfigurationRule[] = [
  {
    id: 'BG101',
    severity: 'FAIL',
    title: { zh: '套餐价格必须是大于 0 的整数分', en: 'A plan costs whole fen above zero' },
    why: {
      zh: '零元或负数的价格等于白送配额；小数金额在累加后对不上账。',
      en: 'A price of zero or less gives quota away, and fractions of a fen never add up to what the bank says.',
    },
    incidents: ['a predecessor: revenue hard-coded as orders × 99', 'octopusreview#506: float credits drift'],
    mend: { zh: '用整数分填写 priceFen，例如 9900。', en: 'Give priceFen in whole fen, such as 9900.' },
    bad: '{ "plans": [{ "planId": "BASIC", "version": 1, "level": 1, "priceFen": 99.5, "quota": 100, "periodDays": 30 }] }',
    good: '{ "plans": [{ "planId": "BASIC", "version": 1, "level": 1, "priceFen": 9950, "quota": 100, "periodDays": 30 }] }',
    find: ({ configuration }) =>
      configuration.plans
        .filter((plan) => 'priceFen' in plan && !isPositiveWhole(plan.priceFen))
        .map((plan) => ({
          path: pathOf('plans', nameOf(plan), 'priceFen'),
          message: {
            zh: `价格 ${shown(plan.priceFen)} 不是大于 0 的整数分`,
            en: `the price ${shown(plan.priceFen)} is not a whole number of fen above zero`,
          },
        })),
  },
  {
    id: 'BG102',
    severity: 'FAIL',
    title: { zh: '套餐的配额和期限必须是大于 0 的整数', en: 'A plan grants whole quota for a whole period' },
    why: {
      zh: '没有配额或期限的套餐收了钱却什么都不给；小数配额无法结清。',
      en: 'A plan without quota or time takes money for nothing, and fractions of quota can never be settled.',
    },
    incidents: ['suna PR#1597: grants keyed by a time window', 'customer brief §1'],
    mend: {
      zh: '填写整数的 quota，以及 periodDays 或 periodMonths。',
      en: 'Give a whole quota, and periodDays or periodMonths.',
    },
    bad: '{ "plans": [{ "planId": "BASIC", "version": 1, "level": 1, "priceFen": 9900, "quota": 0, "periodDays": 30 }] }',
    good: '{ "plans": [{ "planId": "BASIC", "version": 1, "level": 1, "priceFen": 9900, "quota": 100, "periodDays": 30 }] }',
    find: ({ configuration }) => configuration.plans.flatMap(emptyParts),
  },
  {
    id: 'BG103',
    severity: 'FAIL',
    title: { zh: '同一套餐版本在配置、数据库和展示中必须一致', en: 'One version of a plan is the same everywhere' },
    why: {
      zh: '展示 99 元却收 199 元，或反之，都会变成退款和投诉；订单快照以数据库为准。',
      en: 'A shop window that says ¥99 over a till that takes ¥199 ends in refunds. Orders keep what the database says.',
    },
    incidents: ['a predecessor: the client chooses the price', 'a predecessor: the price in code and not in the table'],
    mend: {
      zh: '改价请发布套餐的新版本；配置和展示从数据库读取。',
      en: 'Publish a new version for a new price, and have settings and window read the database.',
    },
    bad: '{ "plans": [{ "planId": "PRO", "version": 1, "priceFen": 19900, "quota": 200, "periodDays": 30 }], "shownPlans": [{ "planId": "PRO", "version": 1, "priceFen": 17900, "quota": 200, "periodDays": 30 }] }',
    good: '{ "plans": [{ "planId": "PRO", "version": 1, "priceFen": 19900, "quota": 200, "periodDays": 30 }], "shownPlans": [{ "planId": "PRO", "version": 1, "priceFen": 19900, "quota": 200, "periodDays": 30 }] }',
    find: ({ configuration: { plans, configuredPlans, shownPlans } }) => [
      ...differing(plans, configuredPlans, { zh: '程序配置', en: 'the settings of the program' }),
      ...differing(plans, shownPlans, { zh: '展示', en: 'the shop window' }),
    ],
  },
  {
    id: 'BG104',
    severity: 'WARNING',
    title: { zh: '更高等级的套餐不应更便宜', en: 'A higher plan should not be the cheaper one' },
    why: {
      zh: '等级高而价格低的套餐会让所有人绕开低等级套餐，升级规则也失去意义。',
      en: 'When more costs less nobody buys the lower plan, and upgrading stops making sense.',
    },
    incidents: [
      'new-api#3006: plan tables that drift apart',
      'product brief §1: levels are integers, compared as integers',
    ],
    mend: { zh: '核对 level 与 priceFen。', en: 'Check level against priceFen.' },
    bad: '{ "plans": [{ "planId": "BASIC", "level": 1, "priceFen": 9900, "quota": 100 }, { "planId": "PRO", "level": 2, "priceFen": 8900, "quota": 200 }] }',
    good: '{ "plans": [{ "planId": "BASIC", "level": 1, "priceFen": 9900, "quota": 100 }, { "planId": "PRO", "level": 2, "priceFen": 19900, "quota": 200 }] }',
    find: ({ configuration }) => cheaperThanLower(onSale(configuration.plans)),
  },
  {
    id: 'BG105',
    severity: 'FAIL',
    title: { zh: '一个套餐同时只能有一个在售版本', en: 'One plan has one version on sale' },
    why: {
      zh: '两个在售版本意味着同一套餐有两个价格，买到哪一个取决于运气。',
      en: 'With two versions on sale a plan has two prices, and chance decides which one is bought.',
    },
    incidents: ['a predecessor: several sources of a price'],
    mend: { zh: '发布新版本时归档旧版本。', en: 'Archive the version before when the next is published.' },
    bad: '{ "plans": [{ "planId": "PRO", "version": 1, "priceFen": 19900, "quota": 200, "status": "published" }, { "planId": "PRO", "version": 2, "priceFen": 24900, "quota": 200, "status": "published" }] }',
    good: '{ "plans": [{ "planId": "PRO", "version": 1, "priceFen": 19900, "quota": 200, "status": "archived" }, { "planId": "PRO", "version": 2, "priceFen": 24900, "quota": 200, "status": "published" }] }',
    find: ({ configuration }) =>
      [...Map.groupBy(onSale(configuration.plans), ({ planId }) => planId)]
        .filter(([, versions]) => versions.length > 1)
        .map(([planId, versions]) => ({
          path: pathOf('plans', planId),
          message: {
            zh: `${planId} 有 ${versions.length} 个在售版本`,
            en: `${planId} has ${versions.length} versions on sale`,
          },
          evidence: versions.map((plan) => `${nameOf(plan)}: priceFen ${shown(plan.priceFen)}`),
        })),
  },
];

function isPositiveWhole(value: unknown): boolean {
  return (whole(value) ?? 0) > 0;
}

function emptyParts(plan: Plan): Hit[] {
  const isMissing = (field: 'quota' | 'periodDays' | 'periodMonths'): boolean =>
    field in plan && plan[field] !== null && !isPositiveWhole(plan[field]);
  const hasNoPeriod =
    'periodDays' in plan && (plan.periodDays ?? null) === null && (plan.periodMonths ?? null) === null;
  const hits = (['quota', 'periodDays', 'periodMonths'] as const).filter(isMissing).map((field) => ({
    path: pathOf('plans', nameOf(plan), field),
    message: {
      zh: `${field} 为 ${shown(plan[field])}，不是大于 0 的整数`,
      en: `${field} is ${shown(plan[field])}, not a whole number above zero`,
    },
  }));
  if (!hasNoPeriod) return hits;
  const message = { zh: '套餐没有期限', en: 'the plan has no period' };
  return [...hits, { path: pathOf('plans', nameOf(plan), 'periodDays'), message }];
}

const COMPARED = ['level', 'priceFen', 'quota', 'periodDays', 'periodMonths'] as const;

function differing(plans: readonly Plan[], others: readonly Plan[], where: { zh: string; en: string }): Hit[] {
  const known = new Map(plans.map((plan) => [nameOf(plan), plan]));
  return others.flatMap((other) => {
    const plan = known.get(nameOf(other));
    if (plan === undefined) return [];
    const fields = COMPARED.filter((field) => field in plan && field in other && plan[field] !== other[field]);
    return fields.map((field) => ({
      path: pathOf('plans', nameOf(plan), field),
      message: {
        zh: `${where.zh}中的 ${field} 与数据库不一致`,
        en: `${field} is not the same in ${where.en} as in the database`,
      },
      evidence: [`database ${shown(plan[field])}, ${where.en} ${shown(other[field])}`],
    }));
  });
}

function cheaperThanLower(plans: readonly Plan[]): Hit[] {
  const priced = plans
    .flatMap((plan) => {
      const [price, level] = [whole(plan.priceFen), whole(plan.level)];
      return price === undefined || level === undefined ? [] : [{ plan, price, level }];
    })
    .toSorted((a, b) => a.level - b.level);
  return priced.flatMap(({ plan, price, level }) => {
    const lower = priced.find((other) => other.level < level && other.price >= price);
    if (lower === undefined) return [];
    return [
      {
        path: pathOf('plans', nameOf(plan), 'priceFen'),
        message: {
          zh: `等级 ${level} 的价格不高于等级 ${lower.level} 的 ${nameOf(lower.plan)}`,
          en: `level ${level} costs no more than ${nameOf(lower.plan)} of level ${lower.level}`,
        },
        evidence: [`${nameOf(plan)} ${fenText(price)} ≤ ${nameOf(lower.plan)} ${fenText(lower.price)}`],
      },
    ];
  });
}
