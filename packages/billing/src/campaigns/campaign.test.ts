import { expect, it } from 'vitest';
import { isFor, stateOf } from './campaign.ts';

const at = (minutes: number): Date => new Date(Date.UTC(2026, 10, 11) + minutes * 60_000);
const campaign = { startsAt: at(0), endsAt: at(10), claimed: 0, totalCap: 2, stoppedAt: null };

it.each([
  ['scheduled before its window', -1, {}, 'scheduled'],
  ['open from its first instant', 0, {}, 'open'],
  ['open while there is one left', 5, { claimed: 1 }, 'open'],
  ['full at its cap', 5, { claimed: 2 }, 'full'],
  ['over at the end of its window', 10, {}, 'ended'],
  ['over rather than full after its window', 11, { claimed: 2 }, 'ended'],
  ['stopped once somebody has stopped it', 5, { stoppedAt: at(1) }, 'stopped'],
  ['still stopped when its window is over', 99, { stoppedAt: at(1) }, 'stopped'],
])('is %s', (_name, minute, bent, expected) => {
  expect(stateOf({ ...campaign, ...bent }, at(minute))).toBe(expected);
});

it.each([
  ['all members', { kind: 'members' } as const, [false, true, true, false]],
  ['a level and higher', { kind: 'level', minLevel: 2 } as const, [false, false, true, false]],
  ['a list of accounts, members or not', { kind: 'accounts' } as const, [false, false, false, true]],
])('is for %s', (_name, audience, expected) => {
  const people = [
    { level: null, isListed: false },
    { level: 1, isListed: false },
    { level: 2, isListed: false },
    { level: null, isListed: true },
  ];
  expect(people.map((member) => isFor(audience, member))).toEqual(expected);
});
