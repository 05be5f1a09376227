import { whole, type UnitPrice } from '../configuration.ts';
import { pathOf, shown, type ConfigurationRule, type Hit } from '../rule.ts';

/** What vendors cost. */
export const providerRules: readonly ConfigurationRule[] = [
  {
    id: 'BG170',
    severity: 'FAIL',
    title: { zh: '单价必须是不小于 0 的整数微元', en: 'A unit price is whole micro-yuan, never below zero' },
    why: {
      zh: '成本以微元（百万分之一元）整数记账；小数会在百万次调用后差出真金白银。',
      en: 'Costs are booked in whole micro-yuan; fractions add up to real money over a million calls.',
    },
    incidents: ['the design’s list: fractional or float money', 'octopusreview#506'],
    mend: { zh: '用整数微元填写，例如 0.03 元为 30000。', en: 'Give whole micro-yuan: ¥0.03 is 30000.' },
    bad: '{ "providers": [{ "providerRef": "tencent-ci", "unitCostMicroYuan": 0.03 }] }',
    good: '{ "providers": [{ "providerRef": "tencent-ci", "unitCostMicroYuan": 30000 }] }',
    find: ({ configuration: { providers = [], unitPrices } }) => [
      ...providers
        .filter((provider) => 'unitCostMicroYuan' in provider && (whole(provider.unitCostMicroYuan) ?? -1) < 0)
        .map(({ providerRef, unitCostMicroYuan }) =>
          notWhole(pathOf('providers', providerRef, 'unitCostMicroYuan'), unitCostMicroYuan),
        ),
      ...unitPrices
        .filter(({ microYuan }) => (whole(microYuan) ?? -1) < 0)
        .map(({ item, microYuan }) => notWhole(pathOf('unitPrices', item, 'microYuan'), microYuan)),
    ],
  },
  {
    id: 'BG171',
    severity: 'FAIL',
    title: {
      zh: '同一项目的单价首尾相接，不重叠也不留空',
      en: 'Prices of an item follow each other without gap or overlap',
    },
    why: {
      zh: '有空档的日子成本为零，重叠的日子成本有两个：报表和对账都会错。',
      en: 'On a day in a gap costs are zero, on a day in an overlap there are two: reports and reconciliation are wrong.',
    },
    incidents: [
      'migration 0007: prices of an item follow each other',
      'customer brief step 6: 与第三方服务进行数据对账',
    ],
    mend: { zh: '让上一条的 validTo 等于下一条的 validFrom。', en: 'Let validTo of the one be validFrom of the next.' },
    bad: prices('2026-03-01'),
    good: prices('2026-02-01'),
    find: ({ configuration }) =>
      [...Map.groupBy(configuration.unitPrices, ({ item }) => item)].flatMap(([item, rows]) => seams(item, rows)),
  },
];

function prices(second: string): string {
  return `{ "providers": [{ "providerRef": "hub", "unitCostMicroYuan": 900000 }], "unitPrices": [
  { "item": "provider:hub", "microYuan": 900000, "validFrom": "2026-01-01T00:00:00.000Z", "validTo": "2026-02-01T00:00:00.000Z" },
  { "item": "provider:hub", "microYuan": 950000, "validFrom": "${second}T00:00:00.000Z", "validTo": null }] }`;
}

function notWhole(path: string, value: unknown): Hit {
  return {
    path,
    message: {
      zh: `${shown(value)} 不是不小于 0 的整数微元`,
      en: `${shown(value)} is not whole micro-yuan of zero or more`,
    },
  };
}

function seams(item: string, rows: readonly UnitPrice[]): Hit[] {
  const ordered = rows.toSorted((a, b) => Date.parse(a.validFrom) - Date.parse(b.validFrom));
  return ordered.slice(1).flatMap((row, index) => {
    const until = ordered[index]?.validTo ?? null;
    if (until !== null && Date.parse(until) === Date.parse(row.validFrom)) return [];
    const isGap = until !== null && Date.parse(until) < Date.parse(row.validFrom);
    return [
      {
        path: pathOf('unitPrices', item),
        message: isGap
          ? { zh: '单价之间有空档', en: 'there is a gap between two prices' }
          : { zh: '单价的有效期重叠', en: 'two prices hold at once' },
        evidence: [`one ends ${until ?? 'never'}, the next begins ${row.validFrom}`],
      },
    ];
  });
}
