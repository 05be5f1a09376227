export { accessRefusal, canSee, canUse, type AccessRefusal, type Member } from './features/feature-access.ts';
export {
  createFeatureCatalog,
  type FeatureCatalog,
  type FeatureVersion,
  type LiveFeature,
} from './features/feature.store.ts';
export { createFeatures, type Features } from './features/features.ts';
export { checkAssets, inputAssetIds, type InputAsset, type InputAssets } from './forms/check-assets.ts';
export { checkForm } from './forms/check-form.ts';
export { loadInputAssets } from './forms/input-assets.store.ts';
export { fillDefaults, type FormInput } from './forms/visible-fields.ts';
export { createAssets, type Assets } from './assets/assets.ts';
export type { CosSettings } from './storage/cos-client.ts';
export { createCosStorage } from './storage/cos-storage.ts';
export type { Storage } from './storage/storage.ts';
export { createUploads, type Uploads } from './uploads/uploads.ts';
export { createTasks, type Tasks } from './tasks/tasks.ts';
export { findOwnTask, listOutputs } from './tasks/task.store.ts';
export { toTask } from './tasks/task-view.ts';
export { createTaskIntake, type CreateTask, type IntakeDeps, type TaskIntake } from './admission/task-intake.ts';
export {
  ProviderFailure,
  type FileRef,
  type ProducedFile,
  type Provider,
  type ProviderCall,
  type ProviderRegistry,
  type ProviderResult,
} from './providers/provider.ts';
export { createProviders, registryOf } from './providers/registry.ts';
export { createRunner, type Runner, type RunnerDeps } from './running/runner.ts';
export type { SweepReport } from './running/sweep.ts';
export { createServability } from './providers/can-serve.ts';
