import { expect, test } from 'vitest';
import { resolveInput, resolveOutput } from './mapping.ts';

const sources = {
  inputData: { photo: { file: 'u/1/a.jpg' }, count: 3 },
  stepOutputs: [{ image: { file: 'u/1/b.jpg' } }],
  taskId: 'T1',
  userId: 'U1',
  env: { PUBLIC_BASE_URL: 'https://x' },
};

test('a text that is one source becomes its value, within a longer text its words', () => {
  expect(
    resolveInput(
      {
        photo: '${input_data.photo}',
        before: '${steps[0].output.image}',
        words: '${task_id}/${user_id}/${input_data.count}@${env.PUBLIC_BASE_URL}',
        literal: { deep: '${task_id}' },
        seven: 7,
      },
      sources,
    ),
  ).toEqual({
    photo: { file: 'u/1/a.jpg' },
    before: { file: 'u/1/b.jpg' },
    words: 'T1/U1/3@https://x',
    literal: { deep: 'T1' },
    seven: 7,
  });
});

test('what is not there leaves its key out, and nothing is inherited', () => {
  const mapping = {
    a: '${input_data.none}',
    b: '${input_data.constructor}',
    c: '${steps[7].output.x}',
    d: '${env.HOME}',
  };
  expect(resolveInput(mapping, sources)).toEqual({});
});

test('outputs are read by path; what is missing is named; scripts do not run', () => {
  const body = { image: { file: 'k' }, results: [{ url: 'u1' }, { url: 'u2' }] };
  expect(resolveOutput({ image: '$.image', second: '$.results[1].url', gone: '$.gone' }, body)).toEqual({
    output: { image: { file: 'k' }, second: 'u2' },
    missing: ['gone'],
  });
  expect(resolveOutput({ x: '$.results[?(process.exit(1))]' }, body)).toEqual({ output: {}, missing: ['x'] });
});
