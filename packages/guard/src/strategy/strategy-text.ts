import { ASSUMPTIONS } from '../configuration/assumptions.ts';
import { fenText, microYuanText, shareText } from '../configuration/yuan.ts';
import { nameOf, percentText, type MixOutlook, type PlanOutlook, type Risk, type Strategy } from './strategy.ts';

const LEVELS = { high: '高 high', medium: '中 medium', low: '低 low' } as const;
const KINDS = { abuse: '滥用 abuse', overuse: '超用 overuse', payment_failure: '支付 payment' } as const;

/** The strategy for people, Chinese first. */
export function strategyText({ plans, features, risks, unknown }: Strategy): string {
  return [
    '计费策略与风险评估 · Strategy and risks',
    `假设 · assumed: 支付手续费 fee ${percentText(ASSUMPTIONS.paymentFeePermyriad * 100)}; 成功率未知时 success where unknown ${shareText(ASSUMPTIONS.successPpm)}`,
    ...plans.map(planText),
    [
      '各功能一次结果的成本 · what a result costs',
      ...features.flatMap(({ featureId, title, quotaCost, lines, costMicroYuan }) => [
        `  ${title} ${featureId}: ${quotaCost} 配额 units, ${microYuanText(costMicroYuan)}`,
        ...lines.map((line) => `    │ ${line}`),
      ]),
    ].join('\n'),
    ['风险 · risks', ...risks.flatMap(riskLines)].join('\n'),
    ...(unknown.length === 0
      ? []
      : [
          [
            '无法计算 · not reckoned with',
            ...unknown.map(({ featureId, reason }) => `  ${featureId}: ${reason.zh} · ${reason.en}`),
          ].join('\n'),
        ]),
  ].join('\n\n');
}

function planText(plan: PlanOutlook): string {
  const { version, priceFen, quota, periodDays, feeMicroYuan, netMicroYuan, mixes } = plan;
  return [
    `${nameOf(plan)}/${version}: ${fenText(priceFen)}, ${quota} 配额 units, ${periodDays} 天 days; 手续费 fee ${microYuanText(feeMicroYuan)}, 净收入 net ${microYuanText(netMicroYuan)}`,
    ...(mixes.length === 0 ? ['  没有可计算的功能 · no feature to reckon with'] : mixes.map(mixLine)),
  ].join('\n');
}

function mixLine({ name, units, costMicroYuan, profitMicroYuan, marginPpm, breakEvenPpm }: MixOutlook): string {
  const breakEven =
    breakEvenPpm === null || breakEvenPpm > 1_000_000
      ? '用完也不亏 no loss at full use'
      : `用到 ${percentText(breakEvenPpm)} 开始亏损 loses from there`;
  return `  ${name.zh} · ${name.en}: ${units} 配额 units, 成本 cost ${microYuanText(costMicroYuan)}, 毛利 profit ${microYuanText(profitMicroYuan)} (${percentText(marginPpm)}), ${breakEven}`;
}

function riskLines({ kind, level, title, evidence, answer }: Risk): string[] {
  return [
    `  [${LEVELS[level]}] ${KINDS[kind]}: ${title.zh} · ${title.en}`,
    ...evidence.map((line) => `    │ ${line}`),
    `    应对 ${answer.zh}`,
    `    answer ${answer.en}`,
  ];
}
