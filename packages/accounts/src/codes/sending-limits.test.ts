import { shanghaiDay } from '@yunshang/db';
import { describe, expect, test } from 'vitest';
import { judgeSending, secondsUntilNext, type SendingRecord } from './sending-limits.ts';

const limits = { cooldownSeconds: 60, perDay: 10 };
const at = (iso: string): Date => new Date(iso);
const record = (lastSentAt: string, dayCount: number): SendingRecord => ({
  last_sent_at: at(lastSentAt),
  day: at(`${shanghaiDay(at(lastSentAt))}T00:00:00.000Z`),
  day_count: dayCount,
});

describe('sending to one phone', () => {
  test('is allowed the first time', () => {
    expect(judgeSending(undefined, at('2026-01-15T04:00:00Z'), limits)).toEqual({
      allowed: true,
      day: '2026-01-15',
      dayCount: 1,
    });
  });

  test('waits out the rest of 60 s, rounded up', () => {
    const sent = record('2026-01-15T04:00:00.000Z', 1);
    expect(judgeSending(sent, at('2026-01-15T04:00:00.500Z'), limits)).toEqual({
      allowed: false,
      retryAfterSeconds: 60,
    });
    expect(judgeSending(sent, at('2026-01-15T04:00:59.999Z'), limits)).toEqual({
      allowed: false,
      retryAfterSeconds: 1,
    });
    expect(judgeSending(sent, at('2026-01-15T04:01:00.000Z'), limits)).toMatchObject({ allowed: true, dayCount: 2 });
  });

  test('stops after ten a day until midnight in Shanghai', () => {
    const sent = record('2026-01-15T15:00:00Z', 10);
    expect(judgeSending(sent, at('2026-01-15T15:30:00Z'), limits)).toEqual({
      allowed: false,
      retryAfterSeconds: 1_800,
    });
    expect(judgeSending(sent, at('2026-01-15T16:00:00Z'), limits)).toEqual({
      allowed: true,
      day: '2026-01-16',
      dayCount: 1,
    });
  });

  test('keeps the 60 s across midnight', () => {
    const sent = record('2026-01-15T15:59:50Z', 10);
    expect(judgeSending(sent, at('2026-01-15T15:59:55Z'), limits)).toEqual({ allowed: false, retryAfterSeconds: 55 });
    expect(judgeSending(sent, at('2026-01-15T16:00:10Z'), limits)).toEqual({ allowed: false, retryAfterSeconds: 40 });
  });

  test('never asks for more than 60 s because of a clock that ran ahead', () => {
    const sent = record('2026-01-15T05:00:00Z', 1);
    expect(judgeSending(sent, at('2026-01-15T04:00:00Z'), limits)).toEqual({ allowed: false, retryAfterSeconds: 60 });
  });

  test('tells after the tenth message to come back tomorrow', () => {
    expect(secondsUntilNext(9, at('2026-01-15T15:00:00Z'), limits)).toBe(60);
    expect(secondsUntilNext(10, at('2026-01-15T15:00:00Z'), limits)).toBe(3_600);
  });
});
