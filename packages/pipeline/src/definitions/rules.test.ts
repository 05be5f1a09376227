import { formSchemaSchema, pipelineSchemaSchema, type FormSchema, type PipelineSchema } from '@yunshang/contracts';
import { expect, test } from 'vitest';
import { differences } from './difference.ts';
import { formIssues } from './form-rules.ts';
import { frozenKeyIssues } from './frozen-keys.ts';
import { readShape } from './issues.ts';
import { jsonPathIssues } from './json-path-rules.ts';
import { patternIssues } from './pattern-rules.ts';
import { inputKeyIssues, pipelineIssues, pipelineWarnings, type KnownProviders } from './pipeline-rules.ts';

const named = (issues: readonly { field: string; rule: string }[]): string[] =>
  issues.map(({ field, rule }) => `${field} ${rule}`);

function formWith(...fields: Partial<FormSchema['fields'][number]>[]): FormSchema {
  return formSchemaSchema.parse({
    fields: fields.map((field, index) => ({
      key: `f${index}`,
      type: 'text',
      label: 'x',
      required: false,
      ...field,
    })),
    submitButton: '开始',
    layout: 'vertical',
  });
}

test.each([
  ['(?=a)b', 1],
  ['ab(?!c)', 3],
  ['(a)\\1', 4],
  ['a**', 2],
  ['x[z-a]', 3],
  ['(abc', 4],
])('the pattern %s is refused at character %i', (pattern, at) => {
  const [issue] = patternIssues(pattern, ['p']);
  expect(issue).toMatchObject({ field: 'p', rule: 'pattern', en: expect.stringContaining(`character ${at}:`) });
  expect(issue?.mend?.zh).toContain('RE2');
});

test('patterns that RE2 can run are taken, however they would hang others', () => {
  expect(patternIssues('^(a+)+$', ['p'])).toEqual([]);
});

test.each(['$.image', '$.results[0].url', '$.results[*].url', '$..url', "$['a b']", '$.list[0:3]', '$'])(
  'the JSONPath %s is taken',
  (path) => expect(jsonPathIssues(path, ['o'])).toEqual([]),
);

test.each([
  ['$[?(@.a)]', 'script'],
  ['$[(@.length-1)]', 'script'],
  ['$.a[', 'json_path'],
  ['$.a]', 'json_path'],
  ['$.a[0', 'json_path'],
  ['$x', 'json_path'],
  ['$.a..', 'json_path'],
  ['$.a^', 'json_path'],
  ['$.x~', 'json_path'],
  ['$.@string()', 'json_path'],
])('the JSONPath %s is refused', (path, rule) => expect(named(jsonPathIssues(path, ['o']))).toEqual([`o ${rule}`]));

test('a form is refused for rules of other types, reversed ranges, twin options, foreign formats and defaults that fail', () => {
  const form = formWith(
    { type: 'text', validation: { minLength: 9, maxLength: 2, min: 1 } },
    {
      type: 'select',
      validation: {
        options: [
          { value: 'a', label: 'A' },
          { value: 'a', label: 'B' },
        ],
      },
      defaultValue: 'c',
    },
    { type: 'image', validation: { allowedFormats: ['mp4'] } },
    { type: 'slider', validation: { min: 5 } },
    { dependencies: [{ field: 'f1', operator: 'equals', value: 'z' }] },
    { dependencies: [{ field: 'f1', operator: 'in', value: 'a' }] },
  );
  expect(named(formIssues(form))).toEqual([
    'fields.0.validation.min not_for_type',
    'fields.0.validation.minLength range',
    'fields.1.validation.options.1.value distinct',
    'fields.1.defaultValue default_options',
    'fields.2.validation.allowedFormats.0 not_for_type',
    'fields.3.validation.max required',
    'fields.4.dependencies.0.value options',
    'fields.5.dependencies.0.value type',
  ]);
});

test('every issue has a path, both languages and a way to mend it, those of the shape too', () => {
  const read = readShape(formSchemaSchema, {
    fields: [{ key: 'Bad', type: 'txt', label: 'x' }],
    layout: 'v',
    extra: 1,
  });
  const issues = 'issues' in read ? read.issues : [];
  expect(issues.map(({ field }) => field).toSorted()).toEqual(
    ['extra', 'fields.0.key', 'fields.0.required', 'fields.0.type', 'layout', 'submitButton'].toSorted(),
  );
  for (const issue of [...issues, ...formIssues(formWith({ validation: { pattern: '(' } }))])
    for (const text of [issue.zh, issue.en, issue.mend?.zh, issue.mend?.en]) expect(text).toMatch(/\S/);
});

test('a published key stays, with its type; others may come', () => {
  const earlier = [{ version: 1, form: formWith({ key: 'photo', type: 'image' }, { key: 'title' }) }];
  const good = formWith({ key: 'extra' }, { key: 'title', required: true }, { key: 'photo', type: 'image' });
  expect(frozenKeyIssues(good, earlier)).toEqual([]);
  const bad = formWith({ key: 'title', type: 'number' });
  expect(named(frozenKeyIssues(bad, earlier))).toEqual(['fields frozen', 'fields.0.type frozen']);
});

const providers: KnownProviders = new Map([
  ['ci', { kind: 'tencent_ci', isEnabled: true, endpoints: null }],
  ['engine', { kind: 'builtin', isEnabled: false, endpoints: null }],
  ['hub', { kind: 'runninghub', isEnabled: true, endpoints: ['model.pose12'] }],
]);

type Step = Record<string, unknown>;
function pipelineWith(steps: Step[], more: Step = {}): PipelineSchema {
  return pipelineSchemaSchema.parse({
    steps: steps.map((step, index) => ({
      name: `s${index}`,
      type: 'sync_api',
      providerCandidates: ['ci'],
      endpoint: 'garment.clean',
      inputMapping: {},
      outputMapping: { image: '$.image' },
      timeoutSeconds: 10,
      retry: { maxAttempts: 1, delaySeconds: 0, backoff: 'fixed' },
      ...step,
    })),
    maxExecutionSeconds: 60,
    ...more,
  });
}

test('candidates must exist, once, and be able to do the step', () => {
  const polling = { intervalSeconds: 5, maxAttempts: 13, completeStatuses: ['OK'], failedStatuses: ['NO'] };
  const pipeline = pipelineWith([
    { providerCandidates: ['ci', 'gone', 'ci', 'hub'] },
    { name: 's0', type: 'async_api', endpoint: 'garment.video', providerCandidates: ['hub'], polling },
  ]);
  expect(named(pipelineIssues(pipeline, providers))).toEqual([
    'steps.0.providerCandidates.1 exists',
    'steps.0.providerCandidates.2 distinct',
    'steps.0.providerCandidates.3 kind',
    'steps.1.name distinct',
    'steps.1.providerCandidates.0 endpoint',
    'steps.1.polling.maxAttempts time',
  ]);
});

test('sources are checked at any depth: outputs that a step lacks, fields that the form lacks', () => {
  const pipeline = pipelineWith([
    { inputMapping: { image: '${input_data.photo}' } },
    { inputMapping: { deep: [{ text: 'x ${steps[0].output.picture} ${input_data.titel}' }] }, outputMapping: {} },
  ]);
  expect(named(pipelineIssues(pipeline, providers))).toEqual([
    'steps.1.inputMapping.deep.0.text source',
    'steps.1.outputMapping required',
  ]);
  expect(named(inputKeyIssues(pipeline, new Set(['photo', 'title'])))).toEqual([
    'steps.1.inputMapping.deep.0.text form',
  ]);
});

test.each([
  ['a secret', { deep: { list: ['${env.WECHAT_API_V3_KEY}'] } }, 'steps.0.inputMapping.deep.list.0'],
  ['a later step', { x: { y: '${steps[0].output.image}' } }, 'steps.0.inputMapping.x.y'],
  ['one source inside another', { x: '${input_data.${task_id}}' }, 'steps.0.inputMapping.x'],
  ['a source that is not closed', { x: 'a ${task_id' }, 'steps.0.inputMapping.x'],
])('a mapping can not reach %s', (_what, inputMapping, field) => {
  const good = pipelineWith([{}]);
  const read = readShape(pipelineSchemaSchema, {
    ...good,
    steps: good.steps.map((step) => ({ ...step, inputMapping })),
  });
  expect('issues' in read && new Set(read.issues.map((issue) => issue.field))).toEqual(new Set([field]));
});

test('what is allowed and worth a look is a warning', () => {
  const pipeline = pipelineWith([{ providerCandidates: ['engine'], inputMapping: { image: '${input_data.photo}' } }]);
  expect(named(pipelineWarnings(pipeline, providers, new Set(['picture'])))).toEqual([
    'steps.0.providerCandidates.0 disabled',
    'steps.0.inputMapping.image form',
  ]);
});

test('differences are found by path, whatever the order of keys', () => {
  expect(differences({ a: 1, b: { c: [1, 2] } }, { b: { c: [1, 3] }, a: 1 })).toEqual([
    { field: 'b.c.1', before: 2, after: 3 },
  ]);
  expect(differences({ a: { b: 1 }, c: null }, { a: null })).toEqual([{ field: 'a', before: { b: 1 }, after: null }]);
});
