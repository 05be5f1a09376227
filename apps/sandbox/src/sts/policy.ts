import { z } from 'zod';

/** CAM policies of temporary keys: parsed when the keys are asked for, evaluated at every call made with them. */

const OPERATORS = [
  'string_equal',
  'string_not_equal',
  'string_like',
  'string_not_like',
  'numeric_equal',
  'numeric_less_than',
  'numeric_less_than_equal',
  'numeric_greater_than',
  'numeric_greater_than_equal',
] as const;
type Operator = (typeof OPERATORS)[number];

const CONDITION_KEYS = [
  'cos:content-length',
  'cos:content-type',
  'cos:prefix',
  'cos:delimiter',
  'cos:max-keys',
] as const;
type ConditionKey = (typeof CONDITION_KEYS)[number];

const oneOrMore = <T extends z.ZodType>(item: T) =>
  z.preprocess((value) => (Array.isArray(value) ? value : [value]), z.array(item).min(1));

const conditionName = z.string().transform((name, ctx): { operator: Operator; ifExist: boolean } => {
  const ifExist = name.endsWith('_if_exist');
  const bare = ifExist ? name.slice(0, -'_if_exist'.length) : name;
  const operator = OPERATORS.find((known) => known === bare);
  if (operator !== undefined) return { operator, ifExist };
  ctx.addIssue({ code: 'custom', message: `unknown condition operator ${name}` });
  return z.NEVER;
});

const conditions = z
  .record(z.string(), z.partialRecord(z.enum(CONDITION_KEYS), oneOrMore(z.union([z.string(), z.number()]))))
  .transform((record, ctx) =>
    Object.entries(record).flatMap(([name, keys]) => {
      const parsed = conditionName.safeParse(name);
      if (!parsed.success) {
        ctx.addIssue({ code: 'custom', message: `unknown condition operator ${name}` });
        return [];
      }
      return CONDITION_KEYS.flatMap((key) => {
        const values = keys[key];
        return values === undefined ? [] : [{ ...parsed.data, key, values }];
      });
    }),
  );

const policy = z.strictObject({
  version: z.literal('2.0'),
  statement: oneOrMore(
    z.strictObject({
      effect: z.enum(['allow', 'deny']),
      action: oneOrMore(z.string().min(1)),
      resource: oneOrMore(z.string().min(1)),
      condition: conditions.default([]),
    }),
  ),
});

export type Policy = z.output<typeof policy>;
type Condition = Policy['statement'][number]['condition'][number];

/** What a call wants: `cos:PutObject` on `qcs::cos:…/key`, with the figures conditions may speak of. */
export type Wish = { action: string; resource: string; context: Partial<Record<ConditionKey, string | number>> };

/** The policy, or why it is none. */
export function parsePolicy(text: string): { ok: true; policy: Policy } | { ok: false; reason: string } {
  let raw: unknown;
  try {
    raw = JSON.parse(text);
  } catch {
    return { ok: false, reason: 'policy is not JSON' };
  }
  const parsed = policy.safeParse(raw);
  if (parsed.success) return { ok: true, policy: parsed.data };
  const issue = parsed.error.issues[0];
  return { ok: false, reason: `${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'invalid'}` };
}

/** Allowed when a statement allows it and none denies it. */
export function isAllowed({ statement }: Policy, wish: Wish): boolean {
  const applying = statement.filter(
    (entry) =>
      entry.action.some((action) => wildcard(action.replace(/^name\//, ''), wish.action)) &&
      entry.resource.some((resource) => wildcard(resource, wish.resource)) &&
      entry.condition.every((condition) => isMet(condition, wish)),
  );
  return applying.some((entry) => entry.effect === 'allow') && applying.every((entry) => entry.effect === 'allow');
}

function isMet({ operator, ifExist, key, values }: Condition, wish: Wish): boolean {
  const actual = wish.context[key];
  if (actual === undefined || actual === '') return ifExist;
  const negated = operator === 'string_not_equal' || operator === 'string_not_like';
  const matches = values.some((wanted) => compare(operator, actual, wanted));
  return negated ? !matches : matches;
}

function compare(operator: Operator, actual: string | number, wanted: string | number): boolean {
  switch (operator) {
    case 'string_equal':
    case 'string_not_equal':
      return String(actual) === String(wanted);
    case 'string_like':
    case 'string_not_like':
      return wildcard(String(wanted), String(actual));
    case 'numeric_equal':
      return Number(actual) === Number(wanted);
    case 'numeric_less_than':
      return Number(actual) < Number(wanted);
    case 'numeric_less_than_equal':
      return Number(actual) <= Number(wanted);
    case 'numeric_greater_than':
      return Number(actual) > Number(wanted);
    case 'numeric_greater_than_equal':
      return Number(actual) >= Number(wanted);
    default:
      throw new Error(`unhandled operator ${String(operator satisfies never)}`);
  }
}

/** `*` stands for any run of characters, `?` for one; everything else for itself. */
function wildcard(pattern: string, text: string): boolean {
  const source = pattern
    .replace(/[.+^${}()|[\]\\]/g, String.raw`\$&`)
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${source}$`, 's').test(text);
}
