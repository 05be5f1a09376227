import type { FormField } from '@yunshang/contracts';

/** What of a form its check needs. */
export type Form = { readonly fields: readonly FormField[] };
export type FormInput = Readonly<Record<string, unknown>>;
type Dependency = NonNullable<FormField['dependencies']>[number];

/**
 * The fields these answers show. A field is shown when all its dependencies hold for what was answered, or for the default
 * where nothing was; a dependency on a field that is itself hidden does not hold.
 */
export function visibleFields(form: Form, input: FormInput): FormField[] {
  const answers = new Map<string, unknown>();
  const visible: FormField[] = [];
  for (const field of form.fields) {
    const shown = (field.dependencies ?? []).every((dependency) => holds(dependency, answers.get(dependency.field)));
    if (!shown) continue;
    visible.push(field);
    answers.set(field.key, Object.hasOwn(input, field.key) ? input[field.key] : field.defaultValue);
  }
  return visible;
}

/** The answers with the defaults of shown fields that were left out. */
export function fillDefaults<T>(
  form: Form,
  input: Readonly<Record<string, T>>,
): Record<string, T | string | number | boolean> {
  const filled: Record<string, T | string | number | boolean> = { ...input };
  for (const field of visibleFields(form, input))
    if (filled[field.key] === undefined && field.defaultValue !== undefined) filled[field.key] = field.defaultValue;
  return filled;
}

type Operator = (answer: unknown, value: Dependency['value']) => boolean;

const OPERATORS: Readonly<Record<Dependency['operator'], Operator>> = {
  equals: (answer, value) => isSame(answer, value),
  notEquals: (answer, value) => !isSame(answer, value),
  in: (answer, value) => isOneOf(answer, value),
  notIn: (answer, value) => !isOneOf(answer, value),
  greaterThan: (answer, value) => compare(answer, value) > 0,
  lessThan: (answer, value) => compare(answer, value) < 0,
};

function holds({ operator, value }: Dependency, answer: unknown): boolean {
  return answer !== undefined && OPERATORS[operator](answer, value);
}

function isSame(answer: unknown, value: Dependency['value']): boolean {
  return Array.isArray(value) ? JSON.stringify(answer) === JSON.stringify(value) : answer === value;
}

function isOneOf(answer: unknown, value: Dependency['value']): boolean {
  return Array.isArray(value) ? value.some((each) => each === answer) : answer === value;
}

/** Numbers by size, texts (dates) by order; 0, so neither greater nor less, for anything else. */
function compare(answer: unknown, value: Dependency['value']): number {
  if (typeof answer === 'number' && typeof value === 'number') return answer - value;
  if (typeof answer === 'string' && typeof value === 'string') return answer < value ? -1 : Number(answer > value);
  return 0;
}
