import { whole } from '../configuration.ts';
import { pathOf, shown, type ConfigurationRule } from '../rule.ts';
import { onSale, plansFor } from '../unit-revenue.ts';

/** Who may use a feature. */
export const accessRules: readonly ConfigurationRule[] = [
  {
    id: 'BG130',
    severity: 'FAIL',
    title: { zh: '白名单不能为空', en: 'A whitelist names somebody' },
    why: {
      zh: '空的白名单在一些实现里等于对所有人开放，在另一些里等于谁都不能用；两者都不是本意。',
      en: 'An empty whitelist lets in everybody in one program and nobody in the next; neither is meant.',
    },
    incidents: ['the design’s list: whitelist empty', 'style: catch-and-guess, a failure becomes a permission'],
    mend: {
      zh: '在 allowedAccounts 中填写用户编号或账户编号。',
      en: 'Name user ids or account ids in allowedAccounts.',
    },
    bad: '{ "featureId": "beta", "accessScope": "whitelist", "allowedAccounts": [], "launchPlan": "open to PRO in October" }',
    good: '{ "featureId": "beta", "accessScope": "whitelist", "allowedAccounts": ["YS10000023"], "launchPlan": "open to PRO in October" }',
    find: ({ configuration }) =>
      configuration.features
        .filter(
          ({ accessScope, allowedAccounts }) =>
            accessScope === 'whitelist' && allowedAccounts !== undefined && (allowedAccounts ?? []).length === 0,
        )
        .map(({ featureId }) => ({
          path: pathOf('features', featureId, 'allowedAccounts'),
          message: { zh: '白名单没有任何账户', en: 'the whitelist names nobody' },
        })),
  },
  {
    id: 'BG131',
    severity: 'WARNING',
    title: { zh: '白名单功能必须有上线计划', en: 'A whitelist feature has a plan for its launch' },
    why: {
      zh: '没有计划的内测会变成永久的免费午餐：几个账户一直用着没有定价的功能。',
      en: 'A trial without an end becomes a free lunch: a few accounts keep using what was never priced.',
    },
    incidents: ['customer review list: 白名单功能必须有明确的上线计划'],
    mend: {
      zh: '在 launchPlan 中写明何时、满足什么条件后对谁开放，或何时结束。',
      en: 'Say in launchPlan when, and on what condition, it opens to whom, or when it ends.',
    },
    bad: '{ "featureId": "beta", "accessScope": "whitelist", "allowedAccounts": ["YS10000023"], "launchPlan": null }',
    good: '{ "featureId": "beta", "accessScope": "whitelist", "allowedAccounts": ["YS10000023"], "launchPlan": "open to PRO in October when 95 % of the trial films were kept" }',
    find: ({ configuration }) =>
      configuration.features
        .filter(
          ({ accessScope, launchPlan }) =>
            accessScope === 'whitelist' && launchPlan !== undefined && (launchPlan ?? '').trim() === '',
        )
        .map(({ featureId }) => ({
          path: pathOf('features', featureId, 'launchPlan'),
          message: { zh: '没有上线计划', en: 'there is no plan for its launch' },
        })),
  },
  {
    id: 'BG132',
    severity: 'WARNING',
    title: { zh: '没有任何在售套餐能使用该功能', en: 'No plan on sale may use the feature' },
    why: {
      zh: '会员看得到要求，却买不到能用它的套餐。',
      en: 'Members are told what it takes, and nobody sells it.',
    },
    incidents: ['a predecessor: plan names compared as text', 'product brief §1: levels are integers'],
    mend: { zh: '降低 planRequired，或发布该等级的套餐。', en: 'Lower planRequired, or publish a plan of that level.' },
    bad: '{ "plans": [{ "planId": "BASIC", "level": 1, "priceFen": 9900, "quota": 100 }], "features": [{ "featureId": "poses", "accessScope": "plan", "planRequired": 5 }] }',
    good: '{ "plans": [{ "planId": "BASIC", "level": 1, "priceFen": 9900, "quota": 100 }], "features": [{ "featureId": "poses", "accessScope": "plan", "planRequired": 1 }] }',
    find: (facts) => {
      const plans = onSale(facts.configuration.plans);
      if (plans.length === 0) return [];
      return facts.configuration.features
        .filter((feature) => whole(feature.planRequired) !== undefined && plansFor(facts, feature).length === 0)
        .map(({ featureId, planRequired }) => ({
          path: pathOf('features', featureId, 'planRequired'),
          message: {
            zh: `没有等级 ${shown(planRequired)} 的在售套餐`,
            en: `no plan on sale reaches level ${shown(planRequired)}`,
          },
          evidence: plans.map(({ planId, version, level }) => `${planId}/${version}: level ${shown(level)}`),
        }));
    },
  },
];
