import type { RuleDoc } from '../../src/report/rule-doc.ts';
import { registryOf } from '../../src/report/registry.ts';
import type { Finding } from '../../src/report/report.ts';

export const failing: RuleDoc = {
  id: 'BG101',
  area: 'configuration',
  severity: 'FAIL',
  title: { zh: '价格无效', en: 'No valid price' },
  why: { zh: '零元套餐会送出额度', en: 'A plan for nothing gives quota away' },
  incidents: ['new-api#4830'],
  mend: { zh: '填写整数分', en: 'Give whole fen' },
  bad: { language: 'json', text: '{ "priceFen": 0 }' },
  good: { language: 'json', text: '{ "priceFen": 9900 }' },
};
export const warning: RuleDoc = {
  ...failing,
  id: 'BG201',
  area: 'code',
  severity: 'WARNING',
  title: { zh: '宽松', en: 'Loose' },
};
export const registry = registryOf([warning], [failing]);

export const planFinding: Finding = {
  ruleId: 'BG101',
  severity: 'FAIL',
  message: { zh: '套餐价格为 0', en: 'The plan costs 0' },
  where: { path: 'plans.basic.v1.priceFen' },
  evidence: ['0 fen < 1 fen'],
};
export const codeFinding: Finding = {
  ruleId: 'BG201',
  severity: 'WARNING',
  message: { zh: '100% 宽松', en: '100% loose' },
  where: { file: 'src/a,b: c.ts', line: 9, column: 3, endLine: 9, endColumn: 20 },
  evidence: ['line one\nline two'],
};
