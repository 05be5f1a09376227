import { TASK_STATUSES } from '@yunshang/contracts';
import { expect, test } from 'vitest';
import { stageText } from './stage.ts';
import { canMove, isTerminal, sourcesOf } from './task.ts';
import { chargeOf } from './task-view.ts';

test('a task begins, is worked on, and ends in one of three ways', () => {
  expect(TASK_STATUSES.filter(isTerminal)).toEqual(['succeeded', 'failed', 'cancelled']);
  expect(sourcesOf('processing')).toEqual(['pending']);
  expect(sourcesOf('succeeded')).toEqual(['processing']);
  expect(sourcesOf('failed')).toEqual(['pending', 'processing']);
  expect(sourcesOf('cancelled')).toEqual(['pending', 'processing']);
});

test('an end is never left', () => {
  for (const from of ['succeeded', 'failed', 'cancelled'] as const)
    expect(TASK_STATUSES.filter((to) => canMove(from, to))).toEqual([]);
});

test.each([
  [
    'held',
    {
      cost: 4,
      charged: 4,
      refunded: false,
      zh: '已预扣 4 配额，失败自动退还',
      en: '4 quota held; returned if it fails',
    },
  ],
  ['settled', { cost: 4, charged: 4, refunded: false, zh: '已扣除 4 配额', en: '4 quota charged' }],
  ['refunded', { cost: 4, charged: 0, refunded: true, zh: '未扣除配额', en: 'You were not charged' }],
] as const)('a %s charge is worded from what became of it', (status, words) => {
  expect(chargeOf({ amount: 4, status })).toEqual(words);
});

test.each(['held', 'settled', 'refunded'] as const)('a free task that is %s is said to be free', (status) => {
  expect(chargeOf({ amount: 0, status })).toMatchObject({ charged: 0, zh: '免费，不消耗配额', en: 'Free of charge' });
});

test('stages speak two languages and an unknown one still says something', () => {
  expect(stageText('done')).toEqual({ zh: '已完成', en: 'Done' });
  expect(stageText('waiting')).toEqual({ zh: '制作中，需要一些时间', en: 'In the making; this takes a while' });
  expect(stageText('of a later version')).toEqual({ zh: '处理中', en: 'Working on it' });
});
