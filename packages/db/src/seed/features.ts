import { basicClean } from './basic-clean.ts';
import { modelPose12 } from './model-pose12.ts';
import { promoPoster } from './promo-poster.ts';
import { weeklyDropTrailer } from './weekly-drop-trailer.ts';
import { videoGenerateBeta } from './video-generate-beta.ts';
import type { SeedFeature } from './seed-feature.ts';

/** In display order. Those of RunningHub are off until an operator enters an account: see docs/operations/providers.md. */
export const FEATURES: readonly SeedFeature[] = [
  basicClean,
  modelPose12,
  promoPoster,
  weeklyDropTrailer,
  videoGenerateBeta,
];
