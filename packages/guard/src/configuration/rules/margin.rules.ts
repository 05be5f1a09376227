import { ASSUMPTIONS } from '../assumptions.ts';
import { whole, type Feature } from '../configuration.ts';
import { featureCostOf, type FeatureCost } from '../feature-cost.ts';
import { pipelineOf, type Facts } from '../facts.ts';
import { pathOf, shown, type ConfigurationRule, type Hit } from '../rule.ts';
import { unitCostOf } from '../unit-cost.ts';
import { unitRevenueOf } from '../unit-revenue.ts';
import { microYuanText, mulDivDown, shareText } from '../yuan.ts';
import { approvalFor, approvalText } from './quota-cost.rules.ts';

const PROVIDERS = `"providers": [{ "providerRef": "hub", "kind": "runninghub", "unitCostMicroYuan": 900000 }]`;
const PLANS = `"plans": [{ "planId": "BASIC", "version": 1, "level": 1, "priceFen": 9900, "quota": 100 }]`;

/** A configuration with one feature of one step, for the examples. */
function example({
  quotaCost,
  maxAttempts,
  more = '',
}: {
  quotaCost: number;
  maxAttempts: number;
  more?: string;
}): string {
  return `{
  ${PLANS},
  ${PROVIDERS},
  "features": [{ "featureId": "poses", "category": "image", "quotaCost": ${quotaCost}, "pipelineVersion": 1,
    "rateLimitPolicy": { "maxPerHour": 10, "maxPerDay": 50, "cooldownSeconds": 60 } }],
  "pipelines": [{ "featureId": "poses", "version": 1, "body": { "steps": [{ "type": "async_api", "providerCandidates": ["hub"],
    "timeoutSeconds": 60, "retry": { "maxAttempts": ${maxAttempts} } }], "onFailure": "refund_quota", "maxExecutionSeconds": 600 } }]${more}
}`;
}

const APPROVED = `,
  "approvals": [{ "kind": "below_cost", "subjectId": "poses", "status": "approved", "requestedBy": "li", "decidedBy": "wang" }]`;

/** What a feature earns and what it costs. */
export const marginRules: readonly ConfigurationRule[] = [
  {
    id: 'BG115',
    severity: 'FAIL',
    title: { zh: '功能的成本高于收入', en: 'A feature costs more than it brings in' },
    why: {
      zh: '失败和重试也要付供应商的钱，而失败的任务会返还配额；按最便宜的套餐算，每次使用都在亏损。',
      en: 'Failures and retries cost money at the vendor while a failed task is given back. At the cheapest plan every use loses money.',
    },
    incidents: ['litellm#40405: 33 attempts for 11 requests', 'customer brief step 1: 成本控制评估'],
    mend: {
      zh: '提高 quotaCost、换更便宜的供应商、减少重试；确有理由时由两人批准 below_cost。',
      en: 'Raise quotaCost, use a cheaper vendor, retry less; or have two people approve below_cost.',
    },
    bad: example({ quotaCost: 2, maxAttempts: 1 }).replace('900000', '9000000'),
    good: example({ quotaCost: 4, maxAttempts: 1 }),
    find: (facts) =>
      margins(facts)
        .filter(({ margin, feature }) => margin.isLoss && approvalFor(facts, feature, 'below_cost') === undefined)
        .map(({ feature, margin }) => lossHit(feature, margin)),
  },
  {
    id: 'BG116',
    severity: 'WARNING',
    isRed: true,
    title: { zh: '功能低于成本（已审批）', en: 'A feature below cost, approved' },
    why: {
      zh: '经两人批准的亏损也要在每次评审时看到。',
      en: 'A loss that two people agreed to is still shown at every review.',
    },
    incidents: ['the design’s list: cost above price without a waiver'],
    mend: { zh: '定期复核是否仍值得亏损。', en: 'Look again whether the loss is still worth it.' },
    bad: example({ quotaCost: 2, maxAttempts: 1, more: APPROVED }).replace('900000', '9000000'),
    good: example({ quotaCost: 4, maxAttempts: 1, more: APPROVED }),
    find: (facts) =>
      margins(facts).flatMap(({ feature, margin }) => {
        const approval = margin.isLoss ? approvalFor(facts, feature, 'below_cost') : undefined;
        if (approval === undefined) return [];
        const hit = lossHit(feature, margin);
        return [{ ...hit, evidence: [...(hit.evidence ?? []), approvalText(approval)] }];
      }),
  },
  {
    id: 'BG117',
    severity: 'WARNING',
    title: { zh: '功能的利润很薄', en: 'A feature with a thin margin' },
    why: {
      zh: '供应商涨价或成功率下降一点就会亏损；人力、服务器和存储还没有算进去。',
      en: 'A vendor that raises its price, or fails a little more often, turns it into a loss; people, machines and storage are not in it yet.',
    },
    incidents: ['customer brief step 5: 成本监控和预警', 'product: thin margin → PASS-WITH-WARNING'],
    mend: {
      zh: `让成本不超过收入的 ${shareText(ASSUMPTIONS.thinMarginPpm)}。`,
      en: `Keep the cost under ${shareText(ASSUMPTIONS.thinMarginPpm)} of the revenue.`,
    },
    bad: example({ quotaCost: 2, maxAttempts: 1 }).replace('900000', '1500000'),
    good: example({ quotaCost: 4, maxAttempts: 1 }),
    find: (facts) =>
      margins(facts)
        .filter(({ margin }) => !margin.isLoss && margin.sharePpm > ASSUMPTIONS.thinMarginPpm)
        .map(({ feature, margin }) => ({
          path: pathOf('features', feature.featureId, 'quotaCost'),
          message: {
            zh: `成本占收入的 ${shareText(margin.sharePpm)}`,
            en: `the cost is ${shareText(margin.sharePpm)} of the revenue`,
          },
          evidence: margin.lines,
        })),
  },
  {
    id: 'BG118',
    severity: 'WARNING',
    title: { zh: '重试用尽时成本高于收入', en: 'With all retries used up a task costs more than it brings in' },
    why: {
      zh: '供应商故障的那天，每个任务都会用尽重试；平均值看不到这一天。',
      en: 'On the day a vendor is ill every task uses up its retries; the average does not show that day.',
    },
    incidents: ['litellm#40405: a breaker that never opens', 'litellm#37592'],
    mend: {
      zh: '减少 maxAttempts 或候选供应商，或提高 quotaCost。',
      en: 'Fewer attempts or candidates, or a higher quotaCost.',
    },
    bad: example({ quotaCost: 4, maxAttempts: 5 }),
    good: example({ quotaCost: 4, maxAttempts: 2 }),
    find: (facts) =>
      margins(facts)
        .filter(({ margin }) => !margin.isLoss && margin.cost.worstMicroYuan > margin.revenueMicroYuan)
        .map(({ feature, margin: { cost, revenueMicroYuan, lines } }) => ({
          path: pathOf('features', feature.featureId, 'quotaCost'),
          message: {
            zh: `重试用尽时成本 ${microYuanText(cost.worstMicroYuan)}，收入 ${microYuanText(revenueMicroYuan)}`,
            en: `with all retries ${microYuanText(cost.worstMicroYuan)}, for a revenue of ${microYuanText(revenueMicroYuan)}`,
          },
          evidence: lines,
        })),
  },
  {
    id: 'BG119',
    severity: 'FAIL',
    title: { zh: '供应商没有成本记录', en: 'A provider without a cost' },
    why: {
      zh: '不知道单价就算不出利润，预算和对账也都是零。',
      en: 'Without a price there is no margin, the budget never fills, and the bill can not be reconciled.',
    },
    incidents: ['a predecessor: costs were never recorded', 'invariant I11: every attempt has a cost row'],
    mend: {
      zh: '为 provider:<ref> 增加单价，或填写 unitCostMicroYuan；自有服务请写明 0 的单价。',
      en: 'Add a unit price for provider:<ref>, or give unitCostMicroYuan; for a service of our own add a price of 0.',
    },
    bad: example({ quotaCost: 4, maxAttempts: 1 }).replace('900000', '0'),
    good: example({
      quotaCost: 4,
      maxAttempts: 1,
      more: `,
  "unitPrices": [{ "item": "provider:hub", "microYuan": 900000, "validFrom": "2026-01-01T00:00:00.000Z", "validTo": null }]`,
    }).replace('"unitCostMicroYuan": 900000', '"unitCostMicroYuan": 0'),
    find: (facts) => facts.configuration.features.flatMap((feature) => unknownCosts(facts, feature)),
  },
];

type Margin = { cost: FeatureCost; revenueMicroYuan: number; isLoss: boolean; sharePpm: number; lines: string[] };

/** Features that take quota and whose costs and revenue are known. A free feature is a matter of its own. */
function margins(facts: Facts): { feature: Feature; margin: Margin }[] {
  return facts.configuration.features.flatMap((feature) => {
    const margin = marginOf(facts, feature);
    return margin === undefined ? [] : [{ feature, margin }];
  });
}

function marginOf(facts: Facts, feature: Feature): Margin | undefined {
  const units = whole(feature.quotaCost);
  const [cost, unit] = [featureCostOf(facts, feature), unitRevenueOf(facts, feature)];
  if (units === undefined || units <= 0 || cost === undefined || unit === undefined) return undefined;
  const revenueMicroYuan = unit.microYuan * units;
  const isLoss = cost.perResultMicroYuan > revenueMicroYuan;
  const sharePpm = mulDivDown(cost.perResultMicroYuan, 1_000_000, Math.max(1, revenueMicroYuan));
  const lines = [
    ...cost.lines,
    unit.line,
    `revenue of a result: ${microYuanText(unit.microYuan)} × ${units} = ${microYuanText(revenueMicroYuan)}`,
    `cost / revenue = ${shareText(sharePpm)}; at worst ${microYuanText(cost.worstMicroYuan)}`,
  ];
  return { cost, revenueMicroYuan, isLoss, sharePpm, lines };
}

function lossHit({ featureId }: Feature, { cost, revenueMicroYuan, lines }: Margin): Hit {
  const [spent, earned] = [microYuanText(cost.perResultMicroYuan), microYuanText(revenueMicroYuan)];
  return {
    path: pathOf('features', featureId, 'quotaCost'),
    message: { zh: `每个结果成本 ${spent}，收入 ${earned}`, en: `a result costs ${spent} and brings in ${earned}` },
    evidence: lines,
  };
}

function unknownCosts(facts: Facts, feature: Feature): Hit[] {
  const steps = pipelineOf(facts, feature)?.body.steps ?? [];
  const refs = new Map(steps.flatMap((step) => (step.providerCandidates ?? []).map((ref) => [ref, step] as const)));
  return [...refs].flatMap(([ref, step]) => {
    const provider = facts.providers?.get(ref);
    if (provider === undefined || unitCostOf(facts, provider, step) !== undefined) return [];
    return [
      {
        path: pathOf('providers', ref, 'unitCostMicroYuan'),
        message: {
          zh: `${ref} 没有单价，${feature.featureId} 的成本无法计算`,
          en: `${ref} has no price, so nobody knows what ${feature.featureId} costs`,
        },
        evidence: [
          `no unit price provider:${ref} holds now; unitCostMicroYuan is ${shown(provider.unitCostMicroYuan)}`,
        ],
      },
    ];
  });
}
