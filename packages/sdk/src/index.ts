/// <reference lib="esnext.disposable" preserve="true" />
export { createYunshang, type CreateYunshang, type WaitUntilPaidOptions, type Yunshang } from './yunshang.ts';
export { YunshangError, isYunshangError, type ClientErrorCode, type ErrorCode } from './errors.ts';
export { checkAnswers, type ChosenFile, type ChosenFiles } from './check-answers.ts';
export { fillDefaults, visibleFields, type FormField, type FormInput } from './forms.gen.ts';
export { memoryStorage, type TokenStorage } from './storage.ts';
export type { UploadOptions, Uploadable } from './upload.ts';
export type { WatchOptions } from './watch.ts';
export type { Operator } from './operator.ts';
export type { ApiErrorCode } from './contract.gen.ts';
export type { BatchCalls } from './batches.ts';
export type { ErrorDetails, FieldIssue, JsonValue } from './wire-types.ts';
export type {
  Account,
  Approval,
  ApprovalFilter,
  ApprovalPage,
  Asset,
  AssetFilter,
  AssetPage,
  Balance,
  Batch,
  BatchEvent,
  BatchFilter,
  BatchPage,
  BatchWithTasks,
  BatchZip,
  CallOptions,
  CodeRequested,
  CreateBatch,
  CreateOrder,
  CreateProvider,
  CreateTask,
  DecideApproval,
  DefinitionBody,
  DefinitionVersion,
  DefinitionsFile,
  Download,
  Feature,
  FeatureDetail,
  FeatureForm,
  FeatureRecord,
  History,
  HistoryPage,
  LabelStatement,
  ImportDefinitions,
  ImportReport,
  KeyedOptions,
  LedgerEntry,
  Order,
  Plan,
  ProviderRecord,
  SaveDraft,
  SavedFeature,
  SavedProvider,
  SavedVersion,
  SessionItem,
  Task,
  TaskEvent,
  TaskFilter,
  TaskPage,
  TaskStatus,
  UpdateFeature,
  UpdateProvider,
  UploadType,
  VersionId,
} from './types.ts';
