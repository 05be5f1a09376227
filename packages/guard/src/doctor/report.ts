import { styleText } from 'node:util';
import type { Finding } from './rule.ts';

/** Findings as text for a terminal: each rule once with what it means and how to mend it, then its rows. */
export function reportText(findings: readonly Finding[], rulesChecked: number): string {
  if (findings.length === 0) return `${rulesChecked} 条规则全部通过 · all ${rulesChecked} rules hold`;
  const groups = [...Map.groupBy(findings, (finding) => finding.rule).values()];
  const head = `${findings.length} 个问题，涉及 ${groups.length} 条规则 · ${findings.length} findings under ${groups.length} of ${rulesChecked} rules`;
  return [head, ...groups.map(groupText)].join('\n\n');
}

function groupText(group: readonly Finding[]): string {
  const [first] = group;
  if (first === undefined) return '';
  const colour = first.severity === 'error' ? 'red' : 'yellow';
  const idWidth = Math.max(...group.map((finding) => finding.id.length));
  return [
    `${styleText(colour, first.severity.toUpperCase())} ${first.invariant} ${first.rule} (${first.table})`,
    `  ${first.explanation.zh}`,
    `  ${first.explanation.en}`,
    ...group.map((finding) => `    ${finding.id.padEnd(idWidth)}  ${finding.detail}`),
    `  修复 ${first.mend.zh}`,
    `  mend ${first.mend.en}`,
  ].join('\n');
}
