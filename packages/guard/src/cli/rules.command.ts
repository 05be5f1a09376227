import { rulePage } from '../report/pages.ts';
import { RULES } from '../rules.ts';
import { UsageError, type Command } from './command.ts';

/** `billing-guard rules`: every rule on a line. */
export const rulesCommand: Command = {
  usage: 'rules',
  says: '列出所有规则 · list every rule',
  options: {},
  run: async (_typed, io) => {
    for (const { id, severity, title } of RULES.values())
      io.out(`${id} ${severity.padEnd(7)} ${title.zh} · ${title.en}`);
    return 0;
  },
};

/** `billing-guard explain BG101`: the rule's page. */
export const explainCommand: Command = {
  usage: 'explain BGnnn',
  says: '解释一条规则 · why a rule is there and how to mend what it finds',
  options: {},
  run: async ({ words }, io) => {
    const id = (words[0] ?? '').toUpperCase();
    const rule = RULES.get(id);
    if (rule === undefined) throw new UsageError(`no rule is called "${id}"; "billing-guard rules" lists them`);
    io.out(rulePage(rule));
    return 0;
  },
};
