import { describe, expect, test } from 'vitest';
import { callbackBodyBytesMax, parseCallbackBody } from './callback-body.ts';
import type { CallbackBody } from './callback-body.ts';

const file = {
  key: 'users/u1/results/01JD/poster.jpg',
  contentType: 'image/jpeg',
  bytes: 5,
  width: 1080,
  height: 1440,
};
const succeeded: CallbackBody = {
  jobId: 'a:1',
  status: 'succeeded',
  output: { poster: file },
  usage: { billedMs: 1200 },
};
const failed: CallbackBody = {
  jobId: 'a:1',
  status: 'failed',
  error: { code: 'TIMED_OUT', message: '30 s were over' },
};

test('reads back what it was given', () => {
  for (const body of [succeeded, failed]) expect(parseCallbackBody(JSON.stringify(body))).toEqual(body);
});

test('reads bytes and lists of files', () => {
  const body = {
    ...succeeded,
    output: { images: [file, { ...file, key: 'b.png' }], texts: { ...file, contentType: 'text/plain; charset=utf-8' } },
  };
  expect(parseCallbackBody(Buffer.from(JSON.stringify(body)))).toEqual(body);
});

describe('refuses', () => {
  test.each([
    ['no JSON', '{', 'is no JSON'],
    ['broken UTF-8', Buffer.from([0x22, 0xff, 0x22]), 'is no JSON'],
    ['a list', '[]', 'is no object'],
    ['too much', ' '.repeat(callbackBodyBytesMax + 1), 'too long'],
    ['an unknown key', JSON.stringify({ ...failed, extra: 1 }), 'body.extra is not known'],
    ['an unknown status', JSON.stringify({ ...failed, status: 'done' }), 'status'],
    ['success without output', JSON.stringify({ jobId: 'a', status: 'succeeded' }), 'output is no object'],
    ['success without files', JSON.stringify({ ...succeeded, output: {} }), 'files'],
    ['success with an error', JSON.stringify({ ...succeeded, error: failed.error }), 'error belongs'],
    ['failure with output', JSON.stringify({ ...failed, output: succeeded.output }), 'output belongs'],
    ['failure without a reason', JSON.stringify({ jobId: 'a', status: 'failed' }), 'error is no object'],
    ['no job', JSON.stringify({ ...failed, jobId: '' }), 'jobId'],
    ['an address in place of a key', output({ ...file, key: 'https://evil.example/a.jpg?x' }), 'output.poster.key'],
    ['a file of no bytes', output({ ...file, bytes: 0 }), 'output.poster.bytes'],
    ['half a pixel', output({ ...file, width: 0.5 }), 'output.poster.width'],
    ['a file that says more', output({ ...file, url: 'x' }), 'output.poster.url'],
    [
      'a name that is an expression',
      JSON.stringify({ ...succeeded, output: { '$.a': file } }),
      'output has the wrong form',
    ],
    [
      '65 files',
      JSON.stringify({ ...succeeded, output: { a: Array.from({ length: 65 }, () => file) } }),
      'more than 64',
    ],
  ])('%s', (_, raw, message) => {
    expect(() => parseCallbackBody(raw)).toThrow(message);
    expect(() => parseCallbackBody(raw)).toThrow('body_malformed');
  });
});

function output(poster: unknown): string {
  return JSON.stringify({ ...succeeded, output: { poster } });
}
