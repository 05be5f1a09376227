import { expect, test } from 'vitest';
import { idFloor, newId } from './ids.ts';

test('ids are 26 characters, differ, and sort in the order of their making', () => {
  const ids = Array.from({ length: 20_000 }, newId);
  expect(ids.every((id) => /^[0-9A-HJKMNP-TV-Z]{26}$/.test(id))).toBe(true);
  expect(new Set(ids).size).toBe(ids.length);
  expect(ids.toSorted()).toEqual(ids);
});

test('ids of a time are found between its floor and that of a later one', () => {
  const before = idFloor(new Date());
  const id = newId();
  const after = idFloor(new Date(Date.now() + 1_000));
  expect([before, id, after].toSorted((a, b) => (a < b ? -1 : 1))).toEqual([before, id, after]);
  expect(idFloor(new Date(0))).toBe('0'.repeat(26));
});
