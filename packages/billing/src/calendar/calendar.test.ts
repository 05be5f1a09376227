import { shanghaiDay } from '@yunshang/db';
import { expect, test } from 'vitest';
import { dayStart, daysInMonth, shanghaiHour, weekEnd, weekOf } from './calendar.ts';

test('a day begins at midnight in Shanghai, eight hours before it does in UTC', () => {
  expect(shanghaiDay(new Date('2026-03-01T15:59:59.999Z'))).toBe('2026-03-01');
  expect(shanghaiDay(new Date('2026-03-01T16:00:00.000Z'))).toBe('2026-03-02');
  expect(dayStart('2026-03-02')).toEqual(new Date('2026-03-01T16:00:00.000Z'));
  expect(shanghaiHour(new Date('2026-03-01T00:59:59.999Z'))).toBe(8);
  expect(shanghaiHour(new Date('2026-03-01T01:00:00.000Z'))).toBe(9);
});

test.each([
  ['Sunday night belongs to the week that began on Monday', '2026-11-29T15:59:59.999Z', '2026-11-23'],
  ['Monday at midnight begins the next', '2026-11-29T16:00:00.000Z', '2026-11-30'],
  ['a week may begin in the old year', '2026-01-01T04:00:00.000Z', '2025-12-29'],
  ['and in the old month of a leap year', '2028-03-01T04:00:00.000Z', '2028-02-28'],
])('%s', (_sentence, time, week) => {
  expect(weekOf(new Date(time))).toBe(week);
});

test('a week ends when the next begins', () => {
  expect(weekEnd('2026-11-23')).toEqual(new Date('2026-11-29T16:00:00.000Z'));
  expect(weekOf(weekEnd('2026-11-23'))).toBe('2026-11-30');
});

test('months have the days they have', () => {
  expect(['2026-02-10', '2028-02-29', '2026-04-01', '2026-12-31'].map(daysInMonth)).toEqual([28, 29, 30, 31]);
});
