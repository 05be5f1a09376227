import { AREAS, type RuleDoc } from './rule-doc.ts';

/** Every rule by its id. */
export type Registry = ReadonlyMap<string, RuleDoc>;

/** One registry of all rules, ordered by id. Throws for an id that is taken, is of another area, or a rule that says too little. */
export function registryOf(...lists: readonly (readonly RuleDoc[])[]): Registry {
  const rules = lists.flat().toSorted((a, b) => a.id.localeCompare(b.id));
  const registry = new Map<string, RuleDoc>();
  for (const rule of rules) {
    assertWellFormed(rule);
    if (registry.has(rule.id)) throw new Error(`two rules are called ${rule.id}`);
    registry.set(rule.id, rule);
  }
  return registry;
}

/** The rule of an id that must exist: rules are only named by code of this package. */
export function getRule(registry: Registry, id: string): RuleDoc {
  const rule = registry.get(id);
  if (rule === undefined) throw new Error(`no rule is called ${id}`);
  return rule;
}

function assertWellFormed({ id, area, title, why, mend, bad, good, incidents }: RuleDoc): void {
  const digit = AREAS.indexOf(area) + 1;
  if (!new RegExp(`^BG${digit}\\d\\d$`).test(id)) throw new Error(`${id}: a rule of ${area} is called BG${digit}nn`);
  const texts = [title.zh, title.en, why.zh, why.en, mend.zh, mend.en, bad.text, good.text, ...incidents];
  if (incidents.length === 0 || texts.some((text) => text.trim() === ''))
    throw new Error(`${id}: title, why, incidents, mend and both examples must say something`);
}
