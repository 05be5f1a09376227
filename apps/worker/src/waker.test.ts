import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { createWaker } from './waker.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

it('pauses for as long as told', async () => {
  const pause = createWaker().pause(1_000);
  await vi.advanceTimersByTimeAsync(1_000);
  await expect(pause).resolves.toBeUndefined();
});

it('ends the pause when woken, and leaves no timer', async () => {
  const waker = createWaker();
  const pause = waker.pause(1_000);
  waker.wake();
  await pause;
  expect(vi.getTimerCount()).toBe(0);
});

it('remembers a wake during work for one pause', async () => {
  const waker = createWaker();
  waker.wake();
  waker.wake();
  await waker.pause(1_000);
  let isOver = false;
  const second = waker.pause(1_000).then(() => (isOver = true));
  await vi.advanceTimersByTimeAsync(999);
  expect(isOver).toBe(false);
  await vi.advanceTimersByTimeAsync(1);
  await second;
});
