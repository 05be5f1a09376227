import { expect, it } from 'vitest';
import { reportAnnotations } from '../../src/report/annotations.ts';
import { registryOf } from '../../src/report/registry.ts';
import { rulePages } from '../../src/report/pages.ts';
import { reportSchema, VERDICTS, type Unjudged } from '../../src/report/report.ts';
import { reportText } from '../../src/report/text.ts';
import { exitCodeOf, mergeReports, reportOf, verdictOf } from '../../src/report/verdict.ts';
import { codeFinding, failing, planFinding, registry, warning } from './sample.ts';

const unjudged: Unjudged = {
  where: { file: 'broken.ts', line: 1, column: 1 },
  reason: { zh: '无法解析', en: 'can not be parsed' },
};
const at = (line: number) => ({ ...codeFinding, where: { file: 'a.ts', line, column: 1 } });
const size = { items: 4, rules: 2 };

it('says FAIL before UNJUDGED before PASS-WITH-WARNING before PASS', () => {
  expect(verdictOf([planFinding, codeFinding], [unjudged])).toBe('FAIL');
  expect(verdictOf([codeFinding], [unjudged])).toBe('UNJUDGED');
  expect(verdictOf([codeFinding], [])).toBe('PASS-WITH-WARNING');
  expect(verdictOf([], [])).toBe('PASS');
});

const codes = (isStrict: boolean) => VERDICTS.map((verdict) => exitCodeOf(verdict, { isStrict }));
it('exits 0, 2 or 3, and 1 for warnings only when strict', () => {
  expect(codes(false)).toEqual([0, 0, 2, 3]);
  expect(codes(true)).toEqual([0, 1, 2, 3]);
});

it('does not count what was answered for, and lists it', () => {
  const report = reportOf({ findings: [], suppressed: [{ finding: planFinding, reason: 'a test plan' }], ...size });
  expect(report.verdict).toBe('PASS');
  expect(reportText(report, registry, { hasColour: false })).toContain(
    'FAIL BG101 plans.basic.v1.priceFen: a test plan',
  );
});

it('orders findings by severity, rule and place whatever the order they came in', () => {
  const findings = [at(10), planFinding, at(9)];
  const report = reportOf({ findings, ...size });
  expect(report.findings).toEqual([planFinding, at(9), at(10)]);
  expect(reportOf({ findings: findings.toReversed(), ...size })).toEqual(report);
  expect(
    mergeReports([reportOf({ findings: [at(10)], ...size }), reportOf({ findings: [planFinding, at(9)], ...size })]),
  ).toEqual({
    ...report,
    checked: { items: 8, rules: 4 },
  });
});

it('round-trips as JSON by its schema, which refuses a place of two kinds', () => {
  const report = reportOf({ findings: [planFinding, codeFinding], unjudged: [unjudged], ...size });
  expect(reportSchema.parse(JSON.parse(JSON.stringify(report)))).toEqual(report);
  const mixed = { ...planFinding, where: { path: 'a', table: 'b' } };
  expect(reportSchema.safeParse({ ...report, findings: [mixed] }).success).toBe(false);
});

it('writes for people in both languages, the rule once, and colours only when told', () => {
  const report = reportOf({ findings: [planFinding, codeFinding], unjudged: [unjudged], ...size });
  const text = reportText(report, registry, { hasColour: false });
  for (const part of [
    'FAIL BG101',
    '套餐价格为 0',
    'The plan costs 0',
    '│ 0 fen < 1 fen',
    '修复 填写整数分',
    'broken.ts:1:1',
    '拒绝',
  ])
    expect(text).toContain(part);
  expect(text).not.toContain('\u001B');
  expect(reportText(report, registry, { hasColour: true })).toContain('\u001B[31m');
});

it('shows a warning in red when its rule is a red one', () => {
  const report = reportOf({ findings: [codeFinding], ...size });
  const red = registryOf([failing, { ...warning, isRed: true }]);
  expect(reportText(report, registry, { hasColour: true })).toContain('\u001B[33mWARNING BG201');
  expect(reportText(report, red, { hasColour: true })).toContain('\u001B[31mWARNING BG201');
});

it('annotates a pull request with everything escaped that would end a command', () => {
  const report = reportOf({ findings: [planFinding, codeFinding], ...size });
  const [plan, code, verdict] = reportAnnotations(report, registry).split('\n');
  expect(plan).toMatch(
    /^::error title=BG101 价格无效 · No valid price \(plans.basic.v1.priceFen\)::套餐价格为 0%0AThe plan costs 0%0A/,
  );
  expect(code).toMatch(/^::warning file=src\/a%2Cb%3A c.ts,line=9,col=3,endLine=9,endColumn=20,title=BG201 /);
  expect(code).toContain('100%25 loose%0Aline one%0Aline two');
  expect(verdict).toBe('FAIL');
});

it.each([
  ['an id that is taken', [failing, failing]],
  ['an id of another area', [{ ...failing, id: 'BG301' }]],
  ['a rule without a word of why', [{ ...failing, why: { zh: ' ', en: 'x' } }]],
  ['a rule that was never seen to matter', [{ ...failing, incidents: [] }]],
])('refuses %s', (_what, rules) => {
  expect(() => registryOf(rules)).toThrow(/BG[13]01/);
});

it('makes a page for each rule and an index over them', () => {
  const pages = rulePages(registry);
  expect([...pages.keys()]).toEqual(['README.md', 'BG101.md', 'BG201.md']);
  expect(pages.get('README.md')).toContain('| [BG201](BG201.md) | WARNING | 宽松 | Loose |');
  expect(pages.get('BG101.md')).toContain('```json\n{ "priceFen": 0 }\n```');
});
