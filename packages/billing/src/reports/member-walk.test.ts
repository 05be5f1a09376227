import { expect, test } from 'vitest';
import { DAY_MS } from '../memberships/membership.ts';
import { type MemberFact, walkMember } from './member-walk.ts';

const at = (text: string): Date => new Date(`${text}+08:00`);
let orders = 0;

function bought(text: string, level = 1, length: MemberFact['length'] = { lengthMs: 30 * DAY_MS }): MemberFact {
  orders += 1;
  const plan = { planId: `P${level}`, level, length, orderId: `o${orders}` };
  return { id: orders, userId: 'u', kind: 'bought', at: at(text), takenAt: at(text), ...plan };
}

const refunded = (fact: MemberFact, text: string, since = text): MemberFact => ({
  ...fact,
  id: fact.id + 1_000,
  kind: 'refunded',
  at: at(text),
  takenAt: at(since),
});

const walked = (facts: readonly MemberFact[], until: string): string[] =>
  walkMember(facts, at(until)).events.map((event) => `${event.kind} ${event.at.toISOString()}`);

test('a membership by the month lasts to the end of a month that is shorter', () => {
  const facts = [bought('2026-01-31T10:00:00', 1, { months: 1 })];
  expect(walkMember(facts, at('2026-03-02T00:00:00')).events).toEqual([
    { kind: 'joined', at: at('2026-01-31T10:00:00') },
    { kind: 'lapsed', at: at('2026-03-01T00:00:00') },
  ]);
});

test('the instant a membership ends is the first without it: it lapses on the day that begins with it', () => {
  const facts = [bought('2026-01-01T00:00:00')];
  expect(walked(facts, '2026-01-31T00:00:00')).toHaveLength(1);
  expect(walked(facts, '2026-02-01T00:00:00')).toEqual([
    'joined 2025-12-31T16:00:00.000Z',
    'lapsed 2026-01-30T16:00:00.000Z',
  ]);
});

test('a higher plan is an upgrade, the same or a lower one a renewal, and any is a return once all has ended', () => {
  const facts = [
    bought('2026-01-01T00:00:00', 2),
    bought('2026-01-02T00:00:00', 3),
    bought('2026-01-03T00:00:00', 2),
    bought('2026-06-01T00:00:00', 1),
  ];
  expect(walked(facts, '2026-06-02T00:00:00').map((event) => event.split(' ')[0])).toEqual([
    'joined',
    'upgraded',
    'renewed',
    'lapsed',
    'returned',
  ]);
});

test('a refund ends a membership only when nothing else is left of it', () => {
  const [first, second] = [bought('2026-01-01T00:00:00'), bought('2026-01-02T00:00:00')];
  const one = [first, second, refunded(first, '2026-01-05T00:00:00')];
  expect(walkMember(one, at('2026-01-06T00:00:00')).endsAt).toEqual(at('2026-02-04T00:00:00'));
  const both = [...one, refunded(second, '2026-01-07T00:00:00', '2026-01-06T00:00:00')];
  expect(walked(both, '2026-03-01T00:00:00').at(-1)).toBe('endedByRefund 2026-01-06T16:00:00.000Z');
  const late = [first, refunded(first, '2026-02-05T00:00:00')];
  expect(walked(late, '2026-03-01T00:00:00').map((event) => event.split(' ')[0])).toEqual(['joined', 'lapsed']);
});
