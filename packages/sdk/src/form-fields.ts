import type { FeatureForm } from './types.ts';

export type FormField = FeatureForm['fields'][number];
/** Answers by field key. */
export type FormAnswers = Readonly<Record<string, unknown>>;
type Dependency = NonNullable<FormField['dependencies']>[number];

/**
 * The fields these answers show, in the order of the form. A field is shown when all its dependencies hold for what was
 * answered, or for the default where nothing was; a dependency on a field that is itself hidden does not hold.
 */
export function visibleFields(form: Pick<FeatureForm, 'fields'>, answers: FormAnswers): FormField[] {
  const known = new Map<string, unknown>();
  const visible: FormField[] = [];
  for (const field of form.fields) {
    if (!(field.dependencies ?? []).every((dependency) => holds(dependency, known.get(dependency.field)))) continue;
    visible.push(field);
    known.set(field.key, Object.hasOwn(answers, field.key) ? answers[field.key] : field.defaultValue);
  }
  return visible;
}

function holds({ operator, value }: Dependency, answer: unknown): boolean {
  return answer !== undefined && OPERATORS[operator](answer, value);
}

const OPERATORS: Readonly<Record<Dependency['operator'], (answer: unknown, value: Dependency['value']) => boolean>> = {
  equals: isSame,
  notEquals: (answer, value) => !isSame(answer, value),
  in: isOneOf,
  notIn: (answer, value) => !isOneOf(answer, value),
  greaterThan: (answer, value) => compare(answer, value) > 0,
  lessThan: (answer, value) => compare(answer, value) < 0,
};

function isSame(answer: unknown, value: Dependency['value']): boolean {
  return Array.isArray(value) ? JSON.stringify(answer) === JSON.stringify(value) : answer === value;
}

function isOneOf(answer: unknown, value: Dependency['value']): boolean {
  return Array.isArray(value) ? value.some((each) => each === answer) : answer === value;
}

/** Numbers by size, texts (dates) by order; 0 for anything else. */
function compare(answer: unknown, value: Dependency['value']): number {
  if (typeof answer === 'number' && typeof value === 'number') return answer - value;
  if (typeof answer === 'string' && typeof value === 'string') return answer < value ? -1 : Number(answer > value);
  return 0;
}
