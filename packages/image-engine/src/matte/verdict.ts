import type { Verdict } from '../engine-types.ts';

/** Shares are of the picture unless named otherwise; `sigma` is the spread of the ground in L units. */
export type Evidence = {
  sigma: number;
  /** Share of the frame that agrees with the fitted ground. */
  inlierShare: number;
  garmentShare: number;
  /** Share of the picture's border that is garment. */
  frameContact: number;
  /** Much of the garment has the ground's colour. */
  white: boolean;
  /** What only a small ball could flood, as a share of the garment. */
  leakShare: number;
  shadowShare: number;
};

/** What the outline shows once the alpha is known. */
export type OutlineEvidence = {
  /** Share of the outline where garment and ground differ too little for colour to place the edge. */
  lowContrastShare: number;
};

const MIN_INLIERS = 0.6;
const MAX_SIGMA = 1.2;
const MIN_GARMENT = 0.02;
const MAX_GARMENT = 0.9;
const MAX_FRAME_CONTACT = 0.25;
const MAX_LOW_CONTRAST = 0.35;
const MAX_LEAK = 0.02;
const MAX_SHADOW = 0.06;

/** Says whether the cut-out can be used, should be looked at, or is none. */
export function judge(evidence: Evidence, outline?: OutlineEvidence): { verdict: Verdict; reasons: string[] } {
  const fatal = reasonsOf({
    ground_not_uniform: evidence.inlierShare < MIN_INLIERS || evidence.sigma > MAX_SIGMA,
    garment_too_small: evidence.garmentShare < MIN_GARMENT,
    garment_too_large: evidence.garmentShare > MAX_GARMENT,
    garment_fills_frame: evidence.frameContact > MAX_FRAME_CONTACT,
  });
  if (fatal.length > 0) return { verdict: 'reject', reasons: fatal };
  const doubts = reasonsOf({
    white_on_white: evidence.white,
    low_contrast_outline: (outline?.lowContrastShare ?? 0) > MAX_LOW_CONTRAST,
    possible_leak: evidence.leakShare > MAX_LEAK,
    large_shadow: evidence.shadowShare > MAX_SHADOW,
  });
  return { verdict: doubts.length > 0 ? 'review' : 'ok', reasons: doubts };
}

function reasonsOf(found: Record<string, boolean>): string[] {
  return Object.keys(found).filter((reason) => found[reason]);
}
