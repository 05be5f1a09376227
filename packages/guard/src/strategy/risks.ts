import { ASSUMPTIONS } from '../configuration/assumptions.ts';
import { fenText, microYuanText, mulDivUp } from '../configuration/yuan.ts';
import { percentText, type FeatureOutlook, type MixOutlook, type PlanOutlook, type Risk } from './strategy.ts';

/** What can go wrong with these figures, the worst first. */
export function risksOf(plans: readonly PlanOutlook[], features: readonly FeatureOutlook[]): Risk[] {
  const risks = [...abuse(plans, features), ...overuse(plans, features), ...paymentFailure(plans)];
  const order = ['high', 'medium', 'low'];
  return risks.toSorted((a, b) => order.indexOf(a.level) - order.indexOf(b.level));
}

function abuse(plans: readonly PlanOutlook[], features: readonly FeatureOutlook[]): Risk[] {
  const cheapest = Math.min(...plans.map(({ netMicroYuan }) => netMicroYuan));
  const byDay = features
    .map((feature) => ({ feature, cost: feature.perDay === null ? null : feature.perDay * feature.worstMicroYuan }))
    .toSorted((a, b) => (b.cost ?? Infinity) - (a.cost ?? Infinity));
  const unlimited = byDay.some(({ cost }) => cost === null);
  const isDear = byDay.some(({ cost }) => cost !== null && cost > cheapest);
  const free = features.filter(({ quotaCost }) => quotaCost === 0);
  return [
    {
      kind: 'abuse',
      level: unlimited ? 'high' : isDear ? 'medium' : 'low',
      title: { zh: '一个会员一天之内刷到上限', en: 'One member at the limits for a whole day' },
      evidence: byDay.map(({ feature: { featureId, perDay, worstMicroYuan }, cost }) =>
        cost === null
          ? `${featureId}: no limit a day`
          : `${featureId}: ${perDay} × ${microYuanText(worstMicroYuan)} at worst = ${microYuanText(cost)}`,
      ),
      answer: {
        zh: '限流与冷却（BG120–BG122），每小时超过 100 次扣减报警，每周预算在 100% 拒绝。',
        en: 'Limits and cooldowns (BG120–BG122), an alert above 100 deductions an hour, budgets that refuse at 100 %.',
      },
    },
    ...free.map(({ featureId, costMicroYuan, perDay }): Risk => ({
      kind: 'abuse',
      level: 'high',
      title: { zh: '免费功能被薅羊毛', en: 'A free feature is farmed' },
      evidence: [`${featureId}: ${microYuanText(costMicroYuan)} a result, ${perDay ?? 'no limit'} a day and member`],
      answer: {
        zh: '两人审批并有到期日（BG111、BG112）。',
        en: 'An approval by two people, with an end (BG111, BG112).',
      },
    })),
    ...unitCosts(features).slice(0, 1).map(given),
  ];
}

function overuse(plans: readonly PlanOutlook[], features: readonly FeatureOutlook[]): Risk[] {
  const worst = plans.flatMap((plan) => {
    const mix = worstMix(plan);
    return mix === undefined ? [] : [{ plan, mix }];
  });
  const least = Math.min(...worst.map(({ mix }) => mix.marginPpm));
  const budgets = features.map(({ weeklyBudgetFen }) => weeklyBudgetFen);
  const total = budgets.reduce<number>((sum, budget) => sum + (budget ?? 0), 0);
  return [
    {
      kind: 'overuse',
      level: least < 0 ? 'high' : least < ASSUMPTIONS.thinMarginPpm ? 'medium' : 'low',
      title: { zh: '配额全部用在最贵的功能上', en: 'The whole quota goes to the dearest feature' },
      evidence: worst.map(
        ({ plan, mix }) =>
          `${plan.planId}: ${mix.name.en}, ${mix.units} units cost ${microYuanText(mix.costMicroYuan)} of ${microYuanText(plan.netMicroYuan)}, margin ${percentText(mix.marginPpm)}`,
      ),
      answer: {
        zh: '按成本定 quotaCost（BG113–BG118），供应商涨价 30% 报警。',
        en: 'A quotaCost that follows the cost (BG113–BG118), and an alert when a vendor becomes 30 % dearer.',
      },
    },
    {
      kind: 'overuse',
      level: budgets.includes(null) ? 'medium' : 'low',
      title: { zh: '所有功能同时用到每周预算', en: 'Every feature reaches its weekly budget' },
      evidence: features
        .map(({ featureId, weeklyBudgetFen }) =>
          weeklyBudgetFen === null ? `${featureId}: no budget` : `${featureId}: ${fenText(weeklyBudgetFen)} a week`,
        )
        .concat(`together at most ${fenText(total)} a week where there is a budget`),
      answer: {
        zh: '80% 预警，100% 拒绝（BUDGET_EXCEEDED）；贵的功能必须有预算（BG125）。',
        en: 'A warning at 80 %, refusals at 100 % (BUDGET_EXCEEDED); an expensive feature must have one (BG125).',
      },
    },
    {
      kind: 'overuse',
      level: 'low',
      title: { zh: '并发请求超用配额', en: 'Calls at once spend more than there is' },
      evidence: ['the balance is locked before it is read, and a CHECK keeps it from going below zero'],
      answer: { zh: '行锁、CHECK、幂等键（BG201、BG321）。', en: 'Row lock, CHECK, idempotency key (BG201, BG321).' },
    },
  ];
}

function paymentFailure(plans: readonly PlanOutlook[]): Risk[] {
  return [
    {
      kind: 'payment_failure',
      level: plans.some((plan) => (worstMix(plan)?.costMicroYuan ?? 0) * 2 > plan.netMicroYuan) ? 'high' : 'medium',
      title: { zh: '用完配额后退款', en: 'A refund after the quota was used' },
      evidence: plans.map((plan) => {
        const cost = worstMix(plan)?.costMicroYuan ?? 0;
        return `${plan.planId}: ${fenText(plan.priceFen)} back and ${microYuanText(cost)} spent at vendors`;
      }),
      answer: {
        zh: '退款只退未用的部分并收回配额，须财务发起；超过限额须两人。',
        en: 'A refund takes back what is unused, is made by finance, and takes two people above a limit.',
      },
    },
    {
      kind: 'payment_failure',
      level: 'medium',
      title: {
        zh: '支付通知丢失、重复、金额不符或伪造',
        en: 'Notifications that are lost, repeated, of another amount or forged',
      },
      evidence: plans.map(
        ({ planId, priceFen, feeMicroYuan }) =>
          `${planId}: ${fenText(priceFen)} at stake in each, the fee is ${microYuanText(feeMicroYuan)}`,
      ),
      answer: {
        zh: '验签、金额核对、交易号唯一、主动查单、每日对账（BG240–BG242、BG323、BG357）。',
        en: 'Signature, amount, unique transaction, queries, daily reconciliation (BG240–BG242, BG323, BG357).',
      },
    },
  ];
}

function given({ featureId, microYuan }: { featureId: string; microYuan: number }): Risk {
  return {
    kind: 'abuse',
    level: 'medium',
    title: { zh: '注册、活动和补偿发放的配额', en: 'Quota given at sign-up, by campaigns and as compensation' },
    evidence: [`10 units spent on ${featureId} cost ${microYuanText(microYuan * 10)}, and nothing came in`],
    answer: {
      zh: '短信码按手机号、IP 与前缀限制，活动与补偿超过限额须两人，且额度会过期。',
      en: 'Codes are limited by phone, IP and prefix; campaigns and compensations above a limit take two people, and the quota ends.',
    },
  };
}

/** The one that leaves least. */
function worstMix({ mixes }: PlanOutlook): MixOutlook | undefined {
  return mixes.toSorted((a, b) => a.marginPpm - b.marginPpm)[0];
}

/** What a unit of quota costs us when it goes to the feature, the dearest first. */
function unitCosts(features: readonly FeatureOutlook[]): { featureId: string; microYuan: number }[] {
  return features
    .filter(({ quotaCost }) => quotaCost > 0)
    .map(({ featureId, costMicroYuan, quotaCost }) => ({
      featureId,
      microYuan: mulDivUp(costMicroYuan, 1, quotaCost),
    }))
    .toSorted((a, b) => b.microYuan - a.microYuan);
}
