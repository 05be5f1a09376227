import { basicClean } from './basic-clean.ts';
import { modelPose12 } from './model-pose12.ts';
import { promoPoster } from './promo-poster.ts';
import { weeklyDropTrailer } from './weekly-drop-trailer.ts';
import { videoGenerateBeta } from './video-generate-beta.ts';
import type { SeedFeature } from './seed-feature.ts';

/** In display order. Only basic_clean is on; the others wait for their providers. */
export const FEATURES: readonly SeedFeature[] = [
  basicClean,
  modelPose12,
  promoPoster,
  weeklyDropTrailer,
  videoGenerateBeta,
];
