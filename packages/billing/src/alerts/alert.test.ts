import { createHmac } from 'node:crypto';
import { ALERT_KINDS } from '@yunshang/contracts';
import { expect, test } from 'vitest';
import { isDue, MAX_TRIES, pauseAfter } from './delivery.ts';
import { isDearer } from './unit-cost.ts';
import { messageOf, refusalOf } from './message.ts';
import { textOf, titleOf } from './wording.ts';

const at = new Date('2026-06-01T01:02:03.456Z');
const alert = { id: '01A', kind: 'budget_80', details: { scope: 'feature:clean', usedMicroYuan: 7 }, createdAt: at };

test('every kind has a title, and one of a later version its name', () => {
  for (const kind of ALERT_KINDS) expect(titleOf(kind).zh).toMatch(/\p{Script=Han}/u);
  expect(titleOf('not_yet').zh).toBe('not_yet');
});

test('the longest alert fits into what WeCom takes', () => {
  const details = Object.fromEntries(Array.from({ length: 50 }, (_, n) => [`detail${n}`, 'x'.repeat(5_000)]));
  expect(Buffer.byteLength(textOf({ ...alert, details }))).toBeLessThan(2_048);
});

test('each format is what its vendor documents', () => {
  const text = textOf(alert);
  const sent = (format: 'wecom' | 'feishu' | 'json') => {
    const message = messageOf(alert, { format, secret: 'secret', at });
    return { ...message, body: JSON.parse(message.body) };
  };
  expect(text).toBe(
    '【云裳告警】本周预算已用 80 %\nA weekly budget is used to 80 % (budget_80)\nscope: feature:clean\nusedMicroYuan: 7\n2026-06-01T01:02:03.456Z · 01A',
  );
  expect(sent('wecom').body).toEqual({ msgtype: 'text', text: { content: text } });
  const sign = createHmac('sha256', '1780275723\nsecret').digest('base64');
  expect(sent('feishu').body).toEqual({ timestamp: '1780275723', sign, msg_type: 'text', content: { text } });
  expect(sent('json')).toMatchObject({
    headers: {
      'x-yunshang-timestamp': '1780275723',
      'x-yunshang-signature': expect.stringMatching(/^v1=[0-9a-f]{64}$/),
    },
    body: { id: '01A', kind: 'budget_80', text, details: alert.details, createdAt: at.toISOString() },
  });
});

test.each([
  ['wecom', 200, '{"errcode":0,"errmsg":"ok"}', undefined],
  ['wecom', 200, '{"errcode":93000}', 'code_93000'],
  ['wecom', 200, '<html>', 'code_missing'],
  ['feishu', 200, '{"code":0,"msg":"success"}', undefined],
  ['feishu', 200, '{"code":19021}', 'code_19021'],
  ['feishu', 400, '{"code":0}', 'http_400'],
  ['json', 204, '', undefined],
  ['json', 302, '', 'http_302'],
] as const)('%s, HTTP %i, %s: %s', (format, status, body, refusal) => {
  expect(refusalOf(format, { status, body: Buffer.from(body) })).toBe(refusal);
});

test('pauses grow to an hour, over four hours in all', () => {
  const pauses = Array.from({ length: MAX_TRIES - 1 }, (_, n) => pauseAfter(n + 1));
  expect(pauses.slice(0, 4)).toEqual([10_000, 30_000, 90_000, 270_000]);
  expect(Math.max(...pauses)).toBe(3_600_000);
  const hours = pauses.reduce((sum, ms) => sum + ms, 0) / 3_600_000;
  expect(hours).toBeGreaterThan(3.5);
  expect(hours).toBeLessThan(4.5);
});

test('what was never tried is due, what was tried after its pause', () => {
  expect(isDue({ tries: 0, triedAt: null }, at)).toBe(true);
  expect(isDue({ tries: 1, triedAt: new Date(at.getTime() - 9_999) }, at)).toBe(false);
  expect(isDue({ tries: 1, triedAt: new Date(at.getTime() - 10_000) }, at)).toBe(true);
});

test.each([
  [20, 260_000, true],
  [20, 259_999, false],
  [19, 500_000, false],
])('%i uses for %i, where a hundred cost a yuan before: dearer is %s', (charges, costMicroYuan, dearer) => {
  expect(isDearer({ charges, costMicroYuan }, { charges: 100, costMicroYuan: 1_000_000 })).toBe(dearer);
});

test('too few uses before, or free ones, are no average', () => {
  const day = { charges: 100, costMicroYuan: 1_000_000 };
  expect(isDearer(day, { charges: 99, costMicroYuan: 1 })).toBe(false);
  expect(isDearer(day, { charges: 100, costMicroYuan: 0 })).toBe(false);
});
