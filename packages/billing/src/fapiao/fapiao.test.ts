import { FAPIAO_STATUSES } from '@yunshang/contracts';
import { describe, expect, it } from 'vitest';
import { FAPIAO_MOVES, fapiaoStatesBefore, invoiceable } from './fapiao.ts';
import { isTaxCode } from './tax-code.ts';

describe('a unified social credit code', () => {
  it('is known by its check character: the standard’s own example, and companies everybody knows', () => {
    for (const code of ['91350100M000100Y43', '9144030071526726XG', '914403001922038216'])
      expect([code, isTaxCode(code)]).toEqual([code, true]);
  });

  it('is refused with any one character changed', () => {
    const code = '9144030071526726XG';
    for (const place of Array.from(code, (_character, index) => index)) {
      const other = code[place] === '7' ? '8' : '7';
      expect(isTaxCode(code.slice(0, place) + other + code.slice(place + 1))).toBe(false);
    }
  });

  it('is refused with a letter the standard leaves out, too short, too long or empty', () => {
    for (const code of ['9144030071526726IG', '9144030071526726X', '9144030071526726XGG', ''])
      expect(isTaxCode(code)).toBe(false);
  });
});

describe('the moves of a fapiao', () => {
  it('lead from a request to an end, and what was issued only to red', () => {
    expect(fapiaoStatesBefore('issued')).toEqual(['issuing']);
    expect(fapiaoStatesBefore('rejected')).toEqual(['requested', 'issuing']);
    expect(fapiaoStatesBefore('requested')).toEqual([]);
    expect(FAPIAO_STATUSES.filter((status) => FAPIAO_MOVES[status].length === 0)).toEqual(['red_flushed', 'rejected']);
  });
});

describe('what may be invoiced', () => {
  const granted = { outcome: 'granted', amountFen: 9_900, refundingFen: 900 } as const;

  it('is what was paid less what went back', () => {
    const second = { outcome: 'second_payment', amountFen: 9_900, refundingFen: 9_900 } as const;
    expect(invoiceable('partially_refunded', [second, granted])).toEqual({ amountFen: 9_000 });
  });

  it('is nothing while a refund is under way, after all went back, and for money that bought nothing', () => {
    const other = { ...granted, outcome: 'amount_mismatch' } as const;
    expect(invoiceable('refunding', [granted])).toEqual({ refusal: 'order_refunding' });
    expect(invoiceable('refunded', [{ ...granted, refundingFen: 9_900 }])).toEqual({ refusal: 'nothing_paid' });
    expect(invoiceable('amount_mismatch', [other])).toEqual({ refusal: 'nothing_paid' });
    expect(invoiceable('pending', [])).toEqual({ refusal: 'nothing_paid' });
  });
});
