import { expect, test } from 'vitest';
import { formSchemaSchema, type FormField } from '../packages/contracts/src/index.ts';
import { checkForm as onServer } from '../packages/pipeline/src/forms/check-form.ts';
import { visibleFields as shownOnServer } from '../packages/pipeline/src/forms/visible-fields.ts';
import { checkForm, visibleFields, type FeatureForm } from '../packages/sdk/src/index.ts';

const ID = '01K8ZZZZZZZZZZZZZZZZZZZZZZ';
const OTHER = '01K8ZZZZZZZZZZZZZZZZZZZZZ1';
const options = [
  { value: 'a', label: '甲' },
  { value: 'b', label: '乙' },
];
/** Each type without rules and with each of its rules. */
const FIELDS: readonly Partial<FormField>[] = [
  { type: 'image' },
  { type: 'video', required: true },
  { type: 'images', validation: { maxCount: 1 } },
  { type: 'text', validation: { minLength: 2, maxLength: 4, pattern: '[a-z👗]+' } },
  { type: 'text', required: true, defaultValue: 'x' },
  { type: 'textarea' },
  { type: 'number', validation: { min: -1, max: 10, step: 0.1 } },
  { type: 'slider', validation: { min: 1, max: 5, step: 0.5 } },
  { type: 'select', validation: { options } },
  { type: 'radio', required: true, validation: { options } },
  { type: 'checkbox' },
  { type: 'checkbox', required: true },
  { type: 'checkbox', validation: { options, maxCount: 1 } },
  { type: 'color' },
  { type: 'date', validation: { minDate: '2026-01-02', maxDate: '2026-12-30' } },
];
/** Answers of every kind, good and bad for some type each. */
const ANSWERS: readonly unknown[] = [
  undefined,
  null,
  '',
  ' ',
  'a',
  'b',
  'abc',
  'ab\nc',
  'a\u0007',
  'abcde',
  '👗👗',
  'x'.repeat(201),
  'x'.repeat(2_001),
  0,
  1,
  0.3,
  2.5,
  2.55,
  -1,
  -2,
  11,
  Number.NaN,
  Infinity,
  true,
  false,
  [],
  [ID],
  [ID, ID],
  [ID, OTHER],
  ['a'],
  ['a', 'b'],
  ['c'],
  [1],
  {},
  { a: 1 },
  ID,
  'https://x/y.png',
  '#ff8800',
  '#FF8800',
  '#f80',
  'red',
  '2026-01-01',
  '2026-01-31',
  '2026-02-30',
  '2026-12-31',
  '31.1.2026',
];

const formOf = (...fields: Partial<FormField>[]) =>
  formSchemaSchema.parse({
    fields: fields.map((field, index) => ({ key: `f${index}`, label: '标签', required: false, ...field })),
    submitButton: '提交',
    layout: 'vertical',
  });

/** The form as a client gets it. */
const sent = (form: object): FeatureForm => JSON.parse(JSON.stringify(form));

test.each(FIELDS)('the client and the server say the same of every answer to %o', (field) => {
  const form = formOf(field);
  for (const answer of ANSWERS) {
    const input = answer === undefined ? {} : { f0: answer };
    expect({ answer, issues: checkForm(sent(form), input) }).toEqual({ answer, issues: onServer(form, input) });
  }
});

test('they show and hide the same fields, and refuse the same keys', () => {
  const operators = ['equals', 'notEquals', 'in', 'notIn', 'greaterThan', 'lessThan'] as const;
  for (const operator of operators)
    for (const value of ['b', 3, true, ['a', 'b'], [1, 2]]) {
      const dependencies = [{ field: 'f0', operator, value }];
      const chained = [{ field: 'f1', operator: 'equals' as const, value: 'x' }];
      const form = formOf(
        { type: 'text', defaultValue: 'b' },
        { type: 'text', defaultValue: 'x', dependencies },
        { type: 'text', required: true, dependencies: chained },
      );
      for (const f0 of ['a', 'b', 'c', 2, 4, true, ['a', 'b'], undefined])
        for (const input of [{ f0 }, { f0, f1: 'y' }, { f0, f2: 'z', other: 1 }, {}]) {
          const given = JSON.parse(JSON.stringify(input));
          expect(checkForm(sent(form), given)).toEqual(onServer(form, given));
          expect(visibleFields(sent(form), given)).toEqual(shownOnServer(form, given));
        }
    }
});
