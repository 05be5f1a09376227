export { accessRefusal, canSee, canUse, type AccessRefusal, type Member } from './features/feature-access.ts';
export {
  createFeatureCatalog,
  type FeatureCatalog,
  type FeatureVersion,
  type LiveFeature,
} from './features/feature.store.ts';
export { createFeatures, type Features } from './features/features.ts';
