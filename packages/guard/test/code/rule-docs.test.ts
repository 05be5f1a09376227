import { expect, it } from 'vitest';
import { checkSources } from '../../src/code/check-sources.ts';
import { codeRuleDocs } from '../../src/code/rule-docs.ts';

function rulesIn({ language, text }: { language: string; text: string }): string[] {
  const report = checkSources([{ path: `example.${language}`, text }]);
  expect(report.unjudged).toEqual([]);
  return report.findings.map(({ ruleId }) => ruleId);
}

it.each(codeRuleDocs.map((rule) => [rule.id, rule] as const))(
  '%s finds its bad example, and nothing that fails in its good one',
  (id, rule) => {
    expect(rulesIn(rule.bad)).toContain(id);
    const good = rulesIn(rule.good);
    expect(good).not.toContain(id);
    expect(good.filter((found) => codeRuleDocs.some((each) => each.id === found && each.severity === 'FAIL'))).toEqual(
      [],
    );
  },
);
