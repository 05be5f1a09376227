import { describe, expect, it } from 'vitest';
import { type Evidence, judge, judgeGround } from './verdict.ts';

const GOOD: Evidence = {
  garmentShare: 0.4,
  frameContact: 0,
  white: false,
  leakShare: 0,
  eatenShare: 0,
  paleRimShare: 0,
  shadowShare: 0.01,
};
const SHARP = { lowContrastShare: 0 };

describe('the verdict', () => {
  it('is ok without doubts', () => {
    expect(judge(GOOD, SHARP)).toEqual({ verdict: 'ok', reasons: [] });
    expect(judgeGround({ sigma: 0.4, inlierShare: 0.98 })).toEqual({ verdict: 'ok', reasons: [] });
  });

  it.each([
    ['garment_too_small', { garmentShare: 0.01 }],
    ['garment_too_large', { garmentShare: 0.95 }],
    ['garment_fills_frame', { frameContact: 0.4 }],
    ['garment_lost_in_ground', { white: true, eatenShare: 0.3 }],
  ])('rejects for %s', (reason, change) => {
    expect(judge({ ...GOOD, ...change }, SHARP)).toEqual({ verdict: 'reject', reasons: [reason] });
  });

  it('rejects a ground that is not uniform', () => {
    for (const ground of [
      { sigma: 2, inlierShare: 1 },
      { sigma: 0.3, inlierShare: 0.5 },
    ]) {
      expect(judgeGround(ground)).toEqual({ verdict: 'reject', reasons: ['ground_not_uniform'] });
    }
  });

  it.each([
    ['white_on_white', { white: true }],
    ['pale_outline', { paleRimShare: 0.1 }],
    ['possible_leak', { leakShare: 0.1 }],
    ['large_shadow', { shadowShare: 0.1 }],
  ])('asks for a look for %s', (reason, change) => {
    expect(judge({ ...GOOD, ...change }, SHARP)).toEqual({ verdict: 'review', reasons: [reason] });
  });

  it('asks for a look when colour does not show the outline', () => {
    expect(judge(GOOD, { lowContrastShare: 0.5 })).toEqual({ verdict: 'review', reasons: ['low_contrast_outline'] });
  });
});
