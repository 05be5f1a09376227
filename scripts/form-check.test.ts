import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { formSchemaSchema, type FormField } from '../packages/contracts/src/index.ts';
import { visibleFields as shownOnServer } from '../packages/forms/src/index.ts';
import { checkAssets, type InputAsset } from '../packages/pipeline/src/forms/check-assets.ts';
import { checkForm as onServer } from '../packages/pipeline/src/forms/check-form.ts';
import { checkAnswers, type ChosenFiles } from '../packages/sdk/src/check-answers.ts';
import { visibleFields, type FormInput } from '../packages/sdk/src/forms.gen.ts';
import type { FeatureForm } from '../packages/sdk/src/types.ts';

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
    expect({ answer, issues: checkAnswers(sent(form), input) }).toEqual({ answer, issues: onServer(form, input) });
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
          expect(checkAnswers(sent(form), given)).toEqual(onServer(form, given));
          expect(visibleFields(sent(form), given)).toEqual(shownOnServer(form, given));
        }
    }
});

const FILES = [
  { type: 'image/jpeg', size: 1_000, width: 500, height: 500 },
  { type: 'image/png', size: 1_048_577, width: 499, height: 500 },
  { type: 'image/gif', size: 10, width: 1, height: 1 },
  { type: 'video/mp4', size: 2_000_000, width: 1_920, height: 1_080 },
];
const FILE_FIELDS: readonly Partial<FormField>[] = [
  { type: 'image' },
  { type: 'image', validation: { maxSize: 1_048_576, allowedFormats: ['jpeg'], minWidth: 500, minHeight: 501 } },
  { type: 'video', validation: { maxSize: 1_048_576 } },
];

test.each(FILE_FIELDS)('they say the same of every file for %o', (field) => {
  const form = formOf(field);
  for (const { type, size, ...pixels } of FILES) {
    const about = { id: ID, userId: 'me', kind: 'upload', status: 'ready' };
    const asset: InputAsset = { ...about, contentType: type, bytes: size, durationMs: null, ...pixels };
    const known = { userId: 'me', assets: new Map([[ID, asset]]) };
    expect(checkAnswers(sent(form), {}, { f0: { type, size, ...pixels } })).toEqual(
      checkAssets(form, { f0: ID }, known),
    );
  }
});

const rules = (form: object, answers: FormInput, files?: ChosenFiles) =>
  checkAnswers(sent(form), answers, files).map(({ rule }) => rule);

test('files that are chosen answer their fields, and are counted with those that are uploaded', () => {
  const files = { f0: FILES.slice(0, 1).flatMap((file) => [file, file]) };
  const form = formOf({ type: 'images', required: true, validation: { maxCount: 2, minWidth: 1_000 } });
  expect(rules(form, {})).toEqual(['required']);
  expect(rules(form, {}, files)).toEqual(['minWidth', 'minWidth']);
  expect(rules(form, { f0: [ID] }, files)).toEqual(['maxCount', 'minWidth', 'minWidth']);
  expect(rules(form, {}, { f0: [] })).toEqual(['required']);
  expect(rules(form, {}, { f0: [new Blob(['x'])] })).toEqual([]);
  expect(rules(formOf({ type: 'image' }), {}, files)).toEqual(['type']);
  expect(rules(formOf({ type: 'text' }), {}, { f1: [] })).toEqual(['unknown']);
});

const PATTERNS = ['\\S+', '.+', '[[:alpha:]]+', '\\pL+', '(?i)abc', '\\Aab\\z', '[^\\s]+', '\\w{2}', '[^a-z]+', 'a|ab'];
const TEXTS = ['ABC', 'ab', 'a\u3000b', '连衣裙', 'a b', 'a\rb', '1!', 'a\u00a0', 'a'.repeat(199)];

test.each(PATTERNS)('the client refuses by %s only what the server refuses', (pattern) => {
  const form = formOf({ type: 'textarea', validation: { pattern } });
  for (const f0 of TEXTS) {
    const [client, server] = [checkAnswers(sent(form), { f0 }), onServer(form, { f0 })];
    expect({ f0, issues: client.length === 0 ? server : client }).toEqual({ f0, issues: server });
  }
});

test("a pattern is the client's own to refuse where both engines read it alike", () => {
  const form = formOf({ type: 'text', validation: { pattern: '[a-z]{2}' } });
  expect(checkAnswers(sent(form), { f0: 'abc' })).toEqual(onServer(form, { f0: 'abc' }));
  expect(checkAnswers(sent(form), { f0: 'abc' })).toHaveLength(1);
});

test('the SDK carries the check as it is now', () => {
  const script = new URL('../packages/sdk/scripts/gen-forms.ts', import.meta.url).pathname;
  expect(execFileSync(process.execPath, [script, '--check'], { encoding: 'utf8' })).toContain('up to date');
});
