import { expect, it } from 'vitest';
import { backupName, takenAtOf, toRemove } from './rotation.ts';

const DAY_MS = 86_400_000;
const NEWEST = new Date('2026-05-20T19:30:00Z');
const daily = (days: number): string[] =>
  Array.from({ length: days }, (_, day) => backupName(new Date(NEWEST.getTime() - day * DAY_MS)));
const kept = (names: string[], keep: { daily: number; weekly: number; monthly: number }): string[] => {
  const gone = new Set(toRemove(names, keep));
  return names.filter((name) => !gone.has(name)).map((name) => name.slice(9, 17));
};

it('names a backup by its time and reads it back', () => {
  expect(backupName(NEWEST)).toBe('yunshang-20260520T193000Z.backup');
  expect(takenAtOf('yunshang-20260520T193000Z.backup')).toEqual(NEWEST);
});

it('keeps the newest of each day, week and month of Beijing', () => {
  // 03:30 in Beijing: a week's newest is of its Sunday, a month's of its last day, which is the day before in Greenwich.
  expect(kept(daily(120), { daily: 3, weekly: 3, monthly: 4 })).toEqual([
    '20260520',
    '20260519',
    '20260518',
    '20260516',
    '20260509',
    '20260429',
    '20260330',
    '20260227',
  ]);
});

it('keeps one of a day on which there are many, and counts no empty days', () => {
  const names = ['yunshang-20260101T010000Z.backup', 'yunshang-20260101T020000Z.backup', ...daily(1)];
  expect(toRemove(names, { daily: 2, weekly: 0, monthly: 0 })).toEqual(['yunshang-20260101T010000Z.backup']);
});

it('never removes the newest, nor what is not ours', () => {
  const names = [...daily(2), 'yunshang-20261399T000000Z.backup', 'notes.txt', 'yunshang-20200101T000000Z.backup.part'];
  expect(toRemove(names, { daily: 0, weekly: 0, monthly: 0 })).toEqual(daily(2).slice(1));
});
