export { createImageEngine, type ImageEngine } from './engine.ts';
export type { CleanPicture, CutOut, FinishedPicture, Transform, Transformed, Verdict } from './engine-types.ts';
export { ImageRefused, type ImageRefusal } from './image-refused.ts';
export { inspectImage, type ImageFacts } from './inspect.ts';
export { DEFAULT_IMAGE_LIMITS, type ImageFormat, type ImageLimits } from './limits.ts';
export { renderSampleGarment } from './sample-garment.ts';
export { ImageEngineFailed } from './worker-pool.ts';
