import { expect, test } from 'vitest';
import { hubFailure, hubIdSchema, parseHubAnswer, parseHubUsage } from './hub-answer.ts';

test('an id of 19 digits survives, whether it comes as text or bare', () => {
  for (const id of ['"1904737800233889793"', '1904737800233889793']) {
    const answer = parseHubAnswer(`{"code":0,"msg":"success","data":${id}}`);
    expect(hubIdSchema.parse(answer?.data)).toBe('1904737800233889793');
  }
  expect(hubIdSchema.safeParse('../1').success).toBe(false);
});

test('what is no answer of theirs is none', () => {
  for (const text of ['', '<html>', '[]', '{"data":1}', '{"code":"abc"}']) expect(parseHubAnswer(text)).toBeUndefined();
  expect(parseHubAnswer('{"code":"804","msg":null}')).toMatchObject({ code: 804 });
});

test('what a task used is read with or without figures, and no other answer is taken for one', () => {
  const usage = { consumeMoney: '0.48', consumeCoins: null };
  expect(parseHubUsage(JSON.stringify({ status: 'FAILED', errorCode: 805, usage }))).toMatchObject({
    errorCode: '805',
    usage,
  });
  expect(parseHubUsage('{"status":"SUCCESS","errorCode":"","usage":null}')).toMatchObject({ usage: null });
  expect(parseHubUsage('{"errorCode":"1004"}')).toMatchObject({ status: '', errorCode: '1004' });
  for (const text of ['', '<html>', '[]', '{"status":1}', '{"usage":"0.48"}'])
    expect(parseHubUsage(text)).toBeUndefined();
});

test.each([
  [416, 'our_account', 'hub_416'],
  [802, 'our_account', 'hub_802'],
  [812, 'our_account', 'hub_812'],
  [421, 'vendor', 'busy'],
  [415, 'vendor', 'busy'],
  [1501, 'member_input', 'content_refused'],
  [500, 'vendor', 'hub_500'],
  [1005, 'vendor', 'hub_1005'],
])('code %i is %s %s', (code, errorClass, name) => {
  expect(hubFailure(code)).toMatchObject({ errorClass, code: name });
});
