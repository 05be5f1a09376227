import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { coalesce } from './coalesce.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function recorded() {
  const sent: string[][] = [];
  return { sent, line: coalesce(5, (keys) => sent.push([...keys])) };
}

it('sends at once on a quiet line', () => {
  const { sent, line } = recorded();
  line.add('a');
  expect(sent).toEqual([['a']]);
});

it('makes one message of many within an interval', () => {
  const { sent, line } = recorded();
  for (let n = 0; n < 100; n += 1) line.add('a');
  line.add('b');
  vi.advanceTimersByTime(4);
  expect(sent).toEqual([['a']]);
  vi.advanceTimersByTime(1);
  expect(sent).toEqual([['a'], ['a', 'b']]);
});

it('falls quiet again', () => {
  const { sent, line } = recorded();
  line.add('a');
  vi.advanceTimersByTime(50);
  expect(vi.getTimerCount()).toBe(0);
  line.add('a');
  expect(sent).toEqual([['a'], ['a']]);
});

it('sends what waits when flushed', () => {
  const { sent, line } = recorded();
  line.add('a');
  line.add('b');
  line.flush();
  expect(sent).toEqual([['a'], ['b']]);
});
