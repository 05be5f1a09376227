import { styleText } from 'node:util';
import { getRule, type Registry } from './registry.ts';
import type { Finding, Report, Verdict } from './report.ts';
import type { RuleDoc } from './rule-doc.ts';
import { whereText } from './verdict.ts';

type Paint = (colour: 'red' | 'yellow' | 'green' | 'bold', text: string) => string;

const VERDICT_TEXT = {
  PASS: { colour: 'green', text: 'PASS 通过' },
  'PASS-WITH-WARNING': { colour: 'yellow', text: 'PASS-WITH-WARNING 通过但有警告' },
  FAIL: { colour: 'red', text: 'FAIL 拒绝' },
  UNJUDGED: { colour: 'red', text: 'UNJUDGED 无法判定' },
} as const satisfies Record<Verdict, { colour: 'red' | 'yellow' | 'green'; text: string }>;

/** The report for people, Chinese first: each rule once, with its findings and how to mend them. Colour only when `hasColour`. */
export function reportText(report: Report, registry: Registry, { hasColour }: { hasColour: boolean }): string {
  const paint: Paint = (colour, text) => (hasColour ? styleText(colour, text, { validateStream: false }) : text);
  const groups = [...Map.groupBy(report.findings, ({ ruleId }) => ruleId)];
  const { colour, text } = VERDICT_TEXT[report.verdict];
  return [
    ...groups.map(([ruleId, findings]) => groupText(getRule(registry, ruleId), findings, paint)),
    ...report.unjudged.map(
      ({ where, reason }) => `${paint('red', '? 无法判定')} ${whereText(where)}\n  ${reason.zh}\n  ${reason.en}`,
    ),
    ...suppressedText(report),
    `${paint(colour, text)} · ${countsText(report)}`,
  ].join('\n\n');
}

function groupText(rule: RuleDoc, findings: readonly Finding[], paint: Paint): string {
  const colour = rule.severity === 'FAIL' || rule.isRed === true ? 'red' : 'yellow';
  return [
    `${paint(colour, `${rule.severity} ${rule.id}`)} ${paint('bold', rule.title.zh)} · ${rule.title.en}`,
    ...findings.flatMap(findingLines),
    `  修复 ${rule.mend.zh}`,
    `  mend ${rule.mend.en}`,
  ].join('\n');
}

function findingLines({ where, message, evidence }: Finding): string[] {
  const indent = '      ';
  return [
    `  • ${whereText(where)}`,
    `${indent}${message.zh}`,
    `${indent}${message.en}`,
    ...evidence.map((line) => `${indent}│ ${line}`),
  ];
}

function suppressedText({ suppressed }: Report): string[] {
  if (suppressed.length === 0) return [];
  const lines = suppressed.map(
    ({ finding, reason }) => `  ${finding.severity} ${finding.ruleId} ${whereText(finding.where)}: ${reason}`,
  );
  return [['已说明理由而不计入 · answered for, not counted', ...lines].join('\n')];
}

function countsText({ findings, unjudged, suppressed, checked }: Report): string {
  const fails = findings.filter(({ severity }) => severity === 'FAIL').length;
  const counts = [fails, findings.length - fails, unjudged.length, suppressed.length];
  const [zh, en] = [
    ['失败', '警告', '无法判定', '已说明'],
    ['fail', 'warning', 'unjudged', 'suppressed'],
  ].map((names) => names.map((name, index) => `${counts[index]} ${name}`).join(', '));
  return `${zh} · ${en} · ${checked.items} 项 items, ${checked.rules} 条规则 rules`;
}
