import type { ESLint, Rule } from 'eslint';
import { codeRuleDocs } from '../code/rule-docs.ts';
import { Workspace } from '../code/workspace/workspace.ts';
import type { Finding } from '../report/report.ts';
import type { RuleDoc } from '../report/rule-doc.ts';
import { rootOf } from './root.ts';

const workspaces = new Map<string, Workspace>();

function findingsOf({ filename, cwd, sourceCode }: Rule.RuleContext): readonly Finding[] {
  const root = rootOf(filename, cwd);
  const workspace = workspaces.get(root) ?? new Workspace(root);
  workspaces.set(root, workspace);
  return workspace.judge(filename, sourceCode.text);
}

function ruleOf({ id, severity, title }: RuleDoc): Rule.RuleModule {
  return {
    meta: {
      type: severity === 'FAIL' ? 'problem' : 'suggestion',
      docs: { description: `${title.zh} · ${title.en}`, recommended: true },
      schema: [],
    },
    create: (context) => ({
      Program: () => {
        for (const finding of findingsOf(context)) if (finding.ruleId === id) report(context, finding);
      },
    }),
  };
}

function report(context: Rule.RuleContext, { message, where, evidence }: Finding): void {
  if (!('file' in where)) return;
  const { line, column, endLine = line, endColumn = column } = where;
  context.report({
    message: [`${message.zh} · ${message.en}`, ...evidence].join('\n'),
    loc: { start: { line, column: column - 1 }, end: { line: endLine, column: endColumn - 1 } },
  });
}

const rules = Object.fromEntries(codeRuleDocs.map((rule) => [rule.id, ruleOf(rule)]));

/**
 * The code rules for ESLint and oxlint, each rule by its id: `billing-guard/BG201`. The linter parses for itself; what is judged is
 * the whole tree, read once and kept.
 */
const plugin = {
  meta: { name: 'billing-guard' },
  rules,
  configs: {
    /** Every rule: FAIL as an error, WARNING as a warning. */
    recommended: {
      name: 'billing-guard/recommended',
      plugins: {} as Record<string, ESLint.Plugin>,
      rules: Object.fromEntries(
        codeRuleDocs.map(
          ({ id, severity }) => [`billing-guard/${id}`, severity === 'FAIL' ? 'error' : 'warn'] as const,
        ),
      ),
    },
  },
} satisfies ESLint.Plugin;
plugin.configs.recommended.plugins['billing-guard'] = plugin;

export default plugin;
