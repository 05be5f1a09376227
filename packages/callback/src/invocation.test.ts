import { describe, expect, test } from 'vitest';
import { parseInvocation, parseReplyTo } from './invocation.ts';
import type { Invocation } from './invocation.ts';

const invocation: Invocation = {
  jobId: '01JD:1:1',
  taskId: '01JD',
  stepIndex: 1,
  function: 'video-composer',
  input: { title: '秋装上新' },
  callback: {
    url: 'https://api.example/api/internal/tasks/01JD/steps/1/callback',
    path: '/api/internal/tasks/01JD/steps/1/callback',
  },
  uploads: [
    { name: 'video', key: 'users/u/results/v.mp4', putUrl: 'https://b.example/v.mp4?sign=1', contentType: 'video/mp4' },
  ],
  downloads: {
    cover: 'https://b.example/a?sign=1',
    pictures: ['https://b.example/1?sign=1', 'https://b.example/2?sign=1'],
  },
};

test('reads back what it was given', () => {
  expect(parseInvocation(JSON.parse(JSON.stringify(invocation)))).toEqual(invocation);
});

describe('refuses', () => {
  test.each([
    ['what is no object', null, 'event is no object'],
    ['an unknown key', { ...invocation, secret: 'x' }, 'event.secret'],
    ['a job id with a line break', { ...invocation, jobId: 'a\nb' }, 'jobId'],
    ['a step below zero', { ...invocation, stepIndex: -1 }, 'stepIndex'],
    ['an empty list of pictures', { ...invocation, downloads: { pictures: [] } }, 'downloads.pictures'],
    ['a download that is a number', { ...invocation, downloads: { picture: 1 } }, 'downloads.picture'],
    [
      'an upload without an address',
      { ...invocation, uploads: [{ name: 'a', key: 'k', contentType: 'a/b' }] },
      'putUrl',
    ],
    [
      'a callback path of two lines',
      { ...invocation, callback: { url: 'https://a', path: '/a\n/b' } },
      'callback.path',
    ],
  ])('%s', (_, value, message) => {
    expect(() => parseInvocation(value)).toThrow(message);
  });
});

test('finds whom to tell even when the rest is broken', () => {
  const { jobId, callback } = invocation;
  expect(parseReplyTo({ jobId, callback, uploads: 'nonsense' })).toEqual({ jobId, callback });
});
