export { watchAccounts } from './providers/watch-accounts.ts';
export { createAlertPost, openAddress, sealAddress } from './alerts/alert-targets.ts';
export { accessRefusal, canSee, canUse, type AccessRefusal, type Member } from './features/feature-access.ts';
export {
  createFeatureCatalog,
  type FeatureCatalog,
  type FeatureVersion,
  type LiveFeature,
} from './features/feature.store.ts';
export { listFeatureBudgets } from './features/feature-budget.store.ts';
export { createFeatures, type Features } from './features/features.ts';
export { checkAssets, inputAssetIds, type InputAsset, type InputAssets } from './forms/check-assets.ts';
export { checkForm } from './forms/check-form.ts';
export { fillDefaults, type FormInput } from '@yunshang/forms';
export { createAssetRemoval, type AssetRemoval } from './assets/asset-removal.ts';
export { createAssets, type Assets, type AssetsDeps } from './assets/assets.ts';
export { sumKeptBytes } from './assets/kept-bytes.ts';
export { checkOrphans, type OrphanReport } from './assets/check-orphans.ts';
export { createDelivery, type LabelsConfig } from './delivery/labelled-delivery.ts';
export { createModeration, type Moderation, type ModerationConfig } from './moderation/moderation.ts';
export type { Moderator, Verdict } from './moderation/moderator.ts';
export { tencentIms, type TencentImsSettings } from './moderation/tencent-ims.gateway.ts';
export type { CdnSettings } from './storage/cdn-url.ts';
export type { CosSettings } from './storage/cos-client.ts';
export { createCosStorage } from './storage/cos-storage.ts';
export type { Storage } from './storage/storage.ts';
export { createUploads, type Uploads } from './uploads/uploads.ts';
export { createTasks, type Tasks } from './tasks/tasks.ts';
export { findOwnTask, listOutputs } from './tasks/task.store.ts';
export { nameTasks } from './tasks/task-names.ts';
export { toTask } from './tasks/task-view.ts';
export {
  createTaskIntake,
  type CreateMany,
  type CreateTask,
  type IntakeDeps,
  type TaskIntake,
} from './admission/task-intake.ts';
export { createReservations, type Reservations } from './admission/reservations.ts';
export { createBatches, type Batches, type BatchesDeps } from './batches/batches.ts';
export { createDeadJobs, type DeadJobs } from './jobs/dead-jobs.ts';
export { sweepZips } from './batches/sweep-zips.ts';
export { makeZip } from './batches/zip.ts';
export {
  ProviderFailure,
  type BackgroundWork,
  type FileRef,
  type ProducedFile,
  type ProducedFiles,
  type Provider,
  type ProviderCall,
  type ProviderRegistry,
  type ProviderResult,
  type SubmittedWork,
  type WorkState,
} from './providers/provider.ts';
export { createProviders, registryOf, type FixedRegistry } from './providers/registry.ts';
export {
  httpSettingsSchema,
  providerCredentialsSchemas,
  providerSettingsSchemas,
  runningHubSettingsSchema,
  scfSettingsSchema,
  type HttpSettings,
  type RunningHubSettings,
  type ScfSettings,
} from './providers/provider-settings.ts';
export {
  maskCredentials,
  openCredentials,
  sealCredentials,
  type Credentials,
  type ProviderKeys,
  type SealedCredentials,
} from './credentials/credentials.ts';
export { plainDelivery, type Delivery, type DeliveryContext } from './running/delivery.ts';
export { hurryJob } from './running/hurry-job.store.ts';
export { createProviderDirectory, type DirectoryDeps } from './providers/directory.ts';
export { probeProviders } from './providers/probe.ts';
export {
  createCallbacks,
  sweepNonces,
  type Callbacks,
  type CallbacksDeps,
  type IncomingCallback,
} from './callbacks/callbacks.ts';
export { createHints, type Hints, type HintsDeps } from './callbacks/hints.ts';
export { createSharedSlots, type ProviderSlots, type RedisScripts } from './running/provider-slots.ts';
export { createRunner, type Runner, type RunnerDeps } from './running/runner.ts';
export type { SweepReport } from './running/sweep.ts';
export { createServability } from './providers/can-serve.ts';
export { createDefinitions, type Definitions } from './definitions/definitions.ts';
export { isProvider } from './definitions/endpoint.store.ts';
export { exceptionExecutors, type Exceptions } from './definitions/exceptions.ts';
export { createProviderEndpoints, type ProviderEndpoints } from './definitions/provider-endpoints.ts';
export { listProviderBooks } from './consumption/provider-book.ts';
export { readAccounts } from './consumption/read-accounts.ts';
