import type { Registry } from './registry.ts';
import type { Area, Example, RuleDoc } from './rule-doc.ts';

const AREA_TITLES = {
  configuration: '配置 Configuration',
  code: '代码 Code',
  database: '数据库 Database',
} as const satisfies Record<Area, string>;

/** Every page of docs/guard by its file name, made of the registry alone. */
export function rulePages(registry: Registry): Map<string, string> {
  const rules = [...registry.values()];
  return new Map([['README.md', indexPage(rules)], ...rules.map((rule) => [`${rule.id}.md`, rulePage(rule)] as const)]);
}

/** One rule as a page; `billing-guard explain` prints the same. */
export function rulePage({ id, area, severity, title, why, incidents, mend, bad, good }: RuleDoc): string {
  return `# ${id} ${title.zh} ${title.en}

**${severity}** · ${AREA_TITLES[area]}

**为什么。** ${why.zh}

**Why.** ${why.en}

**Seen in 来源。** ${incidents.join('; ')}

**怎么改。** ${mend.zh}

**Mend.** ${mend.en}

## Bad 错误

${example(bad)}

## Good 正确

${example(good)}
`;
}

function example({ language, text }: Example): string {
  return `\`\`\`${language}\n${text.trim()}\n\`\`\``;
}

function indexPage(rules: readonly RuleDoc[]): string {
  const sections = [...Map.groupBy(rules, ({ area }) => area)].map(([area, group]) => {
    const rows = group.map(
      ({ id, severity, title }) => `| [${id}](${id}.md) | ${severity} | ${title.zh} | ${title.en} |`,
    );
    return `## ${AREA_TITLES[area]}\n\n| rule | severity | 中文 | English |\n|---|---|---|---|\n${rows.join('\n')}\n`;
  });
  return `# Billing guard 计费守卫

Every rule of \`billing-guard\`. FAIL blocks the merge or the save; WARNING is listed, and a save asks that it be acknowledged.
\`billing-guard explain BGnnn\` prints a page.
每条规则一页。FAIL 拒绝合并或保存；WARNING 列出并要求确认。

${sections.join('\n')}`;
}
