import { describe, expect, it } from 'vitest';
import { burn, refundParts } from './quota.ts';

const now = new Date('2026-01-15T04:00:00.000Z');
const inDays = (days: number): Date => new Date(now.getTime() + days * 86_400_000);
const grant = (id: string, remaining: number, days: number) => ({ id, remaining, expiresAt: inDays(days) });

describe('burn', () => {
  it('takes from the grant that ends first', () => {
    expect(burn([grant('a', 10, 30), grant('b', 10, 3)], 4, now)).toEqual([{ grantId: 'b', amount: 4 }]);
  });

  it('takes from the oldest of those that end together', () => {
    expect(burn([grant('b', 10, 3), grant('a', 10, 3)], 4, now)).toEqual([{ grantId: 'a', amount: 4 }]);
  });

  it('goes on to the next grant when one is used up, and names no empty grant', () => {
    expect(burn([grant('c', 9, 9), grant('a', 3, 1), grant('b', 0, 2)], 5, now)).toEqual([
      { grantId: 'a', amount: 3 },
      { grantId: 'c', amount: 2 },
    ]);
  });

  it('takes the last unit and refuses one more', () => {
    expect(burn([grant('a', 3, 1), grant('b', 2, 2)], 5, now)).toHaveLength(2);
    expect(burn([grant('a', 3, 1), grant('b', 2, 2)], 6, now)).toBeUndefined();
  });

  it('leaves a grant alone from the instant it ends', () => {
    expect(burn([grant('a', 5, 0)], 1, now)).toBeUndefined();
    expect(burn([grant('a', 5, 1 / 86_400_000)], 1, now)).toEqual([{ grantId: 'a', amount: 1 }]);
  });

  it.each([0, -1, 0.5, Number.NaN, Number.POSITIVE_INFINITY])('refuses to burn %d', (amount) => {
    expect(() => burn([grant('a', 5, 1)], amount, now)).toThrow(RangeError);
  });
});

describe('refundParts', () => {
  it('gives each part back to its grant and joins the parts of ended grants', () => {
    const spent = [
      { grantId: 'a', amount: 1, expiresAt: inDays(-1), writtenOff: true },
      { grantId: 'b', amount: 2, expiresAt: inDays(0), writtenOff: false },
      { grantId: 'c', amount: 3, expiresAt: inDays(1), writtenOff: false },
    ];
    expect(refundParts(spent, now)).toEqual({ returns: [{ grantId: 'c', amount: 3 }], compensation: 3 });
  });

  it('gives nothing back to a grant that a faster clock has written off already', () => {
    const spent = [{ grantId: 'a', amount: 4, expiresAt: inDays(1), writtenOff: true }];
    expect(refundParts(spent, now)).toEqual({ returns: [], compensation: 4 });
  });
});
