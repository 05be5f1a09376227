import type { Verdict } from '../engine-types.ts';

/** Shares are of the picture unless named otherwise. */
export type Evidence = {
  garmentShare: number;
  /** Share of the picture's border that is garment. */
  frameContact: number;
  /** Much of the garment has the ground's colour. */
  white: boolean;
  /** What only a small ball could flood, as a share of the garment. */
  leakShare: number;
  /** White garments: what a far larger ball would have kept, as a share of it. */
  eatenShare: number;
  /** Share of the outline whose garment side has the ground's colour. */
  paleRimShare: number;
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
const MAX_LEAK = 0.05;
const MAX_EATEN = 0.1;
const MAX_PALE_RIM = 0.02;
const MAX_SHADOW = 0.06;

type Judgement = { verdict: Verdict; reasons: string[] };

/** What the ground alone says: a busy one is refused before any work is done on it. */
export function judgeGround(ground: { sigma: number; inlierShare: number }): Judgement {
  const fatal = reasonsOf({
    ground_not_uniform: ground.inlierShare < MIN_INLIERS || ground.sigma > MAX_SIGMA,
  });
  return { verdict: fatal.length > 0 ? 'reject' : 'ok', reasons: fatal };
}

/** Says whether the cut-out can be used, should be looked at, or is none. */
export function judge(evidence: Evidence, outline?: OutlineEvidence): Judgement {
  const fatal = reasonsOf({
    garment_too_small: evidence.garmentShare < MIN_GARMENT,
    garment_too_large: evidence.garmentShare > MAX_GARMENT,
    garment_lost_in_ground: evidence.eatenShare > MAX_EATEN,
    garment_fills_frame: evidence.frameContact > MAX_FRAME_CONTACT,
  });
  if (fatal.length > 0) return { verdict: 'reject', reasons: fatal };
  const doubts = reasonsOf({
    white_on_white: evidence.white,
    low_contrast_outline: (outline?.lowContrastShare ?? 0) > MAX_LOW_CONTRAST,
    pale_outline: evidence.paleRimShare > MAX_PALE_RIM,
    possible_leak: evidence.leakShare > MAX_LEAK,
    large_shadow: evidence.shadowShare > MAX_SHADOW,
  });
  return { verdict: doubts.length > 0 ? 'review' : 'ok', reasons: doubts };
}

function reasonsOf(found: Record<string, boolean>): string[] {
  return Object.keys(found).filter((reason) => found[reason]);
}
