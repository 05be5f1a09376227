import { expect, test } from 'vitest';
import { pickTurns, type DueJob, type Room } from './turns.ts';

const start = Date.parse('2026-05-01T12:00:00.000Z');
let lastId = 0;

/** `count` jobs of a member, due one after the other from `fromSecond` on. */
function jobs(userId: string | null, count: number, { priority = 1, fromSecond = 0 } = {}): DueJob[] {
  return Array.from({ length: count }, (_, index) => {
    lastId += 1;
    return { id: lastId, userId, priority, dueAt: new Date(start + fromSecond * 1000 + index) };
  });
}

const owners = (picked: readonly DueJob[]): string => picked.map(({ userId }) => userId ?? '-').join('');
const room = (anyone: number, newcomers = anyone): Room => ({ anyone, newcomers });
const nobodyOut = new Map<string, number>();

test('members take turns whatever the length of their lists', () => {
  const due = [...jobs('a', 500), ...jobs('b', 2, { fromSecond: 10 }), ...jobs('c', 1, { fromSecond: 20 })];
  expect(owners(pickTurns(due, nobodyOut, room(8)))).toBe('abcabaaa');
});

test('what a member has out already counts', () => {
  const due = [...jobs('a', 500), ...jobs('b', 1, { fromSecond: 10 })];
  expect(owners(pickTurns(due, new Map([['a', 7]]), room(3)))).toBe('baa');
});

test('when the queue is as full as it should be only members whose share is not out may add', () => {
  const due = [...jobs('a', 500), ...jobs('b', 5, { fromSecond: 10 }), ...jobs('c', 5, { fromSecond: 20 })];
  expect(owners(pickTurns(due, new Map([['a', 7]]), room(0, 20)))).toBe('bc');
});

test('a higher plan has more turns in a round, and goes first by as much as its level is worth', () => {
  const due = [...jobs('a', 9), ...jobs('P', 9, { priority: 3, fromSecond: 1 })];
  expect(owners(pickTurns(due, nobodyOut, room(8)))).toBe('PPPaPPPa');
});

test('a low plan that has waited longer than the levels are worth goes first: nobody starves', () => {
  const due = [...jobs('a', 1), ...jobs('P', 1, { priority: 3, fromSecond: 31 })];
  expect(owners(pickTurns(due, nobodyOut, room(2)))).toBe('aP');
});

test('a member’s own jobs keep their order', () => {
  const due = jobs('a', 20).toReversed();
  const ids = pickTurns(due, nobodyOut, room(20)).map(({ id }) => id);
  expect(ids).toEqual(ids.toSorted((one, other) => one - other));
});

test('jobs of no member are one list, oldest first', () => {
  const due = [...jobs(null, 3), ...jobs('a', 1, { fromSecond: 5 })];
  expect(owners(pickTurns(due, nobodyOut, room(4)))).toBe('-a--');
});
