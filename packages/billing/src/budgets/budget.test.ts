import { expect, test } from 'vitest';
import { claimsOf, levelOf, reservedIn, type Reservation } from './budget.ts';

const MONDAY = new Date('2026-11-30T04:00:00.000Z');
const reservation = (change: Partial<Reservation>): Reservation => ({
  featureId: 'clean',
  microYuan: 10,
  feature: 100,
  global: undefined,
  ...change,
});

test('requests of one feature and week ask together, those of others apart, and all in one order', () => {
  const sunday = new Date(MONDAY.getTime() - 86_400_000);
  expect(
    claimsOf([
      { reservation: reservation({ global: 500 }), tasks: 2, at: MONDAY },
      { reservation: reservation({ featureId: 'a_film', microYuan: 7, global: 500 }), tasks: 1, at: MONDAY },
      { reservation: reservation({ global: 500 }), tasks: 1, at: MONDAY },
      { reservation: reservation({}), tasks: 1, at: sunday },
    ]),
  ).toEqual([
    { scope: 'feature:a_film', week: '2026-11-30', microYuan: 7, limitMicroYuan: 100 },
    { scope: 'feature:clean', week: '2026-11-23', microYuan: 10, limitMicroYuan: 100 },
    { scope: 'feature:clean', week: '2026-11-30', microYuan: 30, limitMicroYuan: 100 },
    { scope: 'global', week: '2026-11-30', microYuan: 37, limitMicroYuan: 500 },
  ]);
});

test('of two limits known for one budget the lower one holds', () => {
  const wishes = [200, 100, 300].map((feature) => ({ reservation: reservation({ feature }), tasks: 1, at: MONDAY }));
  expect(claimsOf(wishes)).toMatchObject([{ microYuan: 30, limitMicroYuan: 100 }]);
});

test('a task remembers where it reserved', () => {
  expect([
    reservedIn({ feature: 1, global: undefined }),
    reservedIn({ feature: undefined, global: 1 }),
    reservedIn({ feature: 1, global: 1 }),
  ]).toEqual(['feature', 'global', 'both']);
});

test.each([
  [79, 'within'],
  [80, 'warned'],
  [99, 'warned'],
  [100, 'full'],
  [150, 'full'],
])('%i of 100 is %s', (used, level) => {
  expect(levelOf(used, 100)).toBe(level);
});

test('the warning is exact where a product of floats would not be', () => {
  expect(levelOf(7_205_759_403_792_792, 9_007_199_254_740_991)).toBe('within');
  expect(levelOf(7_205_759_403_792_793, 9_007_199_254_740_991)).toBe('warned');
});
