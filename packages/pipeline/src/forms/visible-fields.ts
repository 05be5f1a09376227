import { assertNever, type FormField, type FormSchema } from '@yunshang/contracts';

export type FormInput = Readonly<Record<string, unknown>>;
type Dependency = NonNullable<FormField['dependencies']>[number];

/**
 * The fields these answers show. A field is shown when all its dependencies hold for what was answered, or for the default
 * where nothing was; a dependency on a field that is itself hidden does not hold.
 */
export function visibleFields(form: FormSchema, input: FormInput): FormField[] {
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
  form: FormSchema,
  input: Readonly<Record<string, T>>,
): Record<string, T | string | number | boolean> {
  const filled: Record<string, T | string | number | boolean> = { ...input };
  for (const field of visibleFields(form, input))
    if (filled[field.key] === undefined && field.defaultValue !== undefined) filled[field.key] = field.defaultValue;
  return filled;
}

function holds(dependency: Dependency, answer: unknown): boolean {
  if (answer === undefined) return false;
  const { operator, value } = dependency;
  switch (operator) {
    case 'equals':
      return isSame(answer, value);
    case 'notEquals':
      return !isSame(answer, value);
    case 'in':
      return isOneOf(answer, value);
    case 'notIn':
      return !isOneOf(answer, value);
    case 'greaterThan':
      return compare(answer, value) > 0;
    case 'lessThan':
      return compare(answer, value) < 0;
    default:
      return assertNever(operator);
  }
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
