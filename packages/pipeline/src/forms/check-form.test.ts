import { formSchemaSchema, type FormField, type FormSchema } from '@yunshang/contracts';
import { expect, test } from 'vitest';
import { checkAssets, inputAssetIds, type InputAsset } from './check-assets.ts';
import { checkForm } from './check-form.ts';
import { fillDefaults } from '@yunshang/forms';

const ID = '01K8ZZZZZZZZZZZZZZZZZZZZZZ';
const OTHER = '01K8ZZZZZZZZZZZZZZZZZZZZZ1';
const formOf = (...fields: (Partial<FormField> & Pick<FormField, 'key' | 'type'>)[]): FormSchema =>
  formSchemaSchema.parse({
    fields: fields.map((field) => ({ label: '标签', required: false, ...field })),
    submitButton: '提交',
    layout: 'vertical',
  });
const rulesBroken = (form: FormSchema, input: Record<string, unknown>): string[] =>
  checkForm(form, input).map((issue) => `${issue.field} ${issue.rule}`);

const options = [
  { value: 'a', label: '甲' },
  { value: 'b', label: '乙' },
];
const one = (field: Partial<FormField> & Pick<FormField, 'type'>): FormSchema => formOf({ key: 'x', ...field });

test.each([
  ['an image is an id', one({ type: 'image' }), ID, []],
  ['an image is no url', one({ type: 'image' }), 'https://x/y.png', ['type']],
  ['a video is an id', one({ type: 'video' }), 7, ['type']],
  ['images are ids', one({ type: 'images' }), [ID, OTHER], []],
  ['images are no single id', one({ type: 'images' }), ID, ['type']],
  ['images are counted', one({ type: 'images', validation: { maxCount: 1 } }), [ID, OTHER], ['maxCount']],
  ['images are distinct', one({ type: 'images' }), [ID, ID], ['distinct']],
  ['text is text', one({ type: 'text' }), { a: 1 }, ['type']],
  ['text is counted in characters, not UTF-16', one({ type: 'text', validation: { maxLength: 2 } }), '👗👗', []],
  ['long text is refused', one({ type: 'text', validation: { maxLength: 2 } }), 'abc', ['maxLength']],
  ['text without a limit has one', one({ type: 'text' }), 'x'.repeat(201), ['maxLength']],
  ['short text is refused', one({ type: 'text', validation: { minLength: 3 } }), 'ab', ['minLength']],
  ['text that was left empty is no short text', one({ type: 'text', validation: { minLength: 3 } }), '', []],
  ['text has no lines', one({ type: 'text' }), 'a\nb', ['characters']],
  ['text is whole characters', one({ type: 'text' }), '\ud83d', ['characters']],
  ['a textarea has lines', one({ type: 'textarea' }), 'a\nb', []],
  ['a pattern fits the whole text', one({ type: 'text', validation: { pattern: '[a-z]+' } }), 'abc1', ['pattern']],
  ['a pattern that fits', one({ type: 'text', validation: { pattern: '[a-z]+' } }), 'abc', []],
  ['a number is no text', one({ type: 'number' }), '5', ['type']],
  ['a number is finite', one({ type: 'number' }), Number.NaN, ['type']],
  ['a number has a least', one({ type: 'number', validation: { min: 1 } }), 0, ['min']],
  ['a number has a most', one({ type: 'slider', validation: { max: 10 } }), 11, ['max']],
  ['a step is exact in decimals', one({ type: 'slider', validation: { min: 0, step: 0.1 } }), 0.3, []],
  ['a number between steps is refused', one({ type: 'slider', validation: { min: 0, step: 0.1 } }), 0.35, ['step']],
  ['a choice is an option', one({ type: 'select', validation: { options } }), 'b', []],
  ['a choice is no other value', one({ type: 'radio', validation: { options } }), 'c', ['options']],
  ['a checkbox is ticked or not', one({ type: 'checkbox' }), 'yes', ['type']],
  ['a checkbox with options is a list', one({ type: 'checkbox', validation: { options } }), ['a', 'b'], []],
  ['each tick is an option', one({ type: 'checkbox', validation: { options } }), ['a', 'z'], ['options']],
  ['a colour has six digits', one({ type: 'color' }), '#fff', ['type']],
  ['a colour', one({ type: 'color' }), '#FF8800', []],
  ['a date is a real day', one({ type: 'date' }), '2026-02-30', ['type']],
  ['a date has a first day', one({ type: 'date', validation: { minDate: '2026-01-01' } }), '2025-12-31', ['minDate']],
  ['a date has a last day', one({ type: 'date', validation: { maxDate: '2026-01-01' } }), '2026-01-02', ['maxDate']],
  ['null is no answer', one({ type: 'text' }), null, ['type']],
] as const)('%s', (_sentence, form, value, rules) => {
  expect(rulesBroken(form, { x: value })).toEqual(rules.map((rule) => `input.x ${rule}`));
});

test.each([
  ['nothing', {}],
  ['an empty text', { x: '' }],
])('a required field refuses %s', (_what, input) => {
  expect(rulesBroken(one({ type: 'text', required: true }), input)).toEqual(['input.x required']);
});

test('a required box must be ticked and a required list must not be empty', () => {
  expect(rulesBroken(one({ type: 'checkbox', required: true }), { x: false })).toEqual(['input.x required']);
  expect(rulesBroken(one({ type: 'images', required: true }), { x: [] })).toEqual(['input.x required']);
});

test('a default answers a required field that is left out', () => {
  const form = one({ type: 'number', required: true, defaultValue: 3 });
  expect(rulesBroken(form, {})).toEqual([]);
  expect(fillDefaults(form, {})).toEqual({ x: 3 });
});

test('keys that the form does not have are refused, also inherited-looking ones', () => {
  const input: unknown = JSON.parse('{"__proto__":1,"quotaCost":0,"constructor":2}');
  expect(rulesBroken(one({ type: 'text' }), { ...(input as Record<string, unknown>), x: 'a' })).toEqual([
    'input.__proto__ unknown',
    'input.quotaCost unknown',
    'input.constructor unknown',
  ]);
});

test('every issue speaks Chinese and English', () => {
  expect(checkForm(one({ type: 'text', label: '标题', required: true }), {})).toEqual([
    { field: 'input.x', rule: 'required', zh: '「标题」为必填项', en: 'x is required' },
  ]);
});

const dependent = formOf(
  { key: 'mode', type: 'radio', validation: { options } },
  { key: 'size', type: 'number', required: true, dependencies: [{ field: 'mode', operator: 'equals', value: 'a' }] },
  { key: 'note', type: 'text', dependencies: [{ field: 'size', operator: 'greaterThan', value: 5 }] },
);

test('a hidden field is not required, and refused when sent', () => {
  expect(rulesBroken(dependent, { mode: 'b' })).toEqual([]);
  expect(rulesBroken(dependent, { mode: 'b', size: 1 })).toEqual(['input.size hidden']);
  expect(rulesBroken(dependent, { mode: 'a' })).toEqual(['input.size required']);
});

test('what depends on a hidden field is hidden too', () => {
  expect(rulesBroken(dependent, { mode: 'a', size: 6, note: 'x' })).toEqual([]);
  expect(rulesBroken(dependent, { mode: 'a', size: 5, note: 'x' })).toEqual(['input.note hidden']);
  expect(rulesBroken(dependent, { mode: 'b', size: 6, note: 'x' })).toEqual(['input.size hidden', 'input.note hidden']);
});

test('a pattern that hangs backtracking engines answers at once', () => {
  const form = one({ type: 'text', validation: { pattern: '(a+)+$', maxLength: 10_000 } });
  const began = performance.now();
  expect(rulesBroken(form, { x: `${'a'.repeat(9_000)}!` })).toEqual(['input.x pattern']);
  expect(performance.now() - began).toBeLessThan(1_000);
});

const photos = formOf({
  key: 'photo',
  type: 'image',
  validation: { maxSize: 1_048_576, allowedFormats: ['jpeg'], minWidth: 500, minHeight: 500 },
});
const ready: InputAsset = {
  id: ID,
  userId: 'me',
  kind: 'upload',
  status: 'ready',
  contentType: 'image/jpeg',
  bytes: 1_000,
  width: 500,
  height: 500,
  durationMs: null,
};

test.each([
  ['a picture within the rules', ready, []],
  ['a file of somebody else', { ...ready, userId: 'you' }, ['asset']],
  ['a deleted file', { ...ready, status: 'deleted' }, ['asset']],
  ['a refused file', { ...ready, status: 'refused' }, ['refused']],
  ['a file still being uploaded', { ...ready, status: 'pending' }, ['upload']],
  ['another format', { ...ready, contentType: 'image/png' }, ['allowedFormats']],
  ['too many bytes', { ...ready, bytes: 1_048_577 }, ['maxSize']],
  ['too few pixels', { ...ready, width: 499, height: null }, ['minWidth', 'minHeight']],
] as const)('%s is judged as %j', (_what, asset, rules) => {
  const issues = checkAssets(photos, { photo: ID }, { userId: 'me', assets: new Map([[ID, asset]]) });
  expect(issues.map((issue) => issue.rule)).toEqual(rules);
});

test('a file that is not there is refused, and no field asks for none', () => {
  const nothing = { userId: 'me', assets: new Map<string, InputAsset>() };
  expect(checkAssets(photos, { photo: ID }, nothing).map((issue) => issue.rule)).toEqual(['asset']);
  expect(checkAssets(photos, {}, nothing)).toEqual([]);
  expect(inputAssetIds(photos, { photo: ID, other: OTHER })).toEqual([ID]);
});

test.each([
  ['a film as long as it may be', 10_000, []],
  ['a tenth of a second more', 10_100, []],
  ['a film that is too long', 10_101, ['maxDuration']],
  ['a film whose length nobody read', null, ['maxDuration']],
] as const)('%s is judged as %j', (_what, durationMs, rules) => {
  const form = formOf({ key: 'clip', type: 'video', validation: { maxDuration: 10 } });
  const asset = { ...ready, contentType: 'video/mp4', durationMs };
  const issues = checkAssets(form, { clip: ID }, { userId: 'me', assets: new Map([[ID, asset]]) });
  expect(issues.map((issue) => issue.rule)).toEqual(rules);
});
