/// <reference lib="esnext.disposable" preserve="true" />
export { createYunshang, type CreateYunshang, type WaitUntilPaidOptions, type Yunshang } from './yunshang.ts';
export { YunshangError, isYunshangError, type ClientErrorCode, type ErrorCode } from './errors.ts';
export { memoryStorage, type TokenStorage } from './storage.ts';
export type { UploadOptions, Uploadable } from './upload.ts';
export type { WatchOptions } from './watch.ts';
export type { ApiErrorCode } from './contract.gen.ts';
export type { ErrorDetails, FieldIssue, JsonValue } from './wire-types.ts';
export type {
  Account,
  Asset,
  AssetFilter,
  AssetPage,
  Balance,
  CallOptions,
  CodeRequested,
  CreateOrder,
  CreateTask,
  Download,
  Feature,
  FeatureForm,
  History,
  HistoryPage,
  KeyedOptions,
  LedgerEntry,
  Order,
  Plan,
  SessionItem,
  Task,
  TaskEvent,
  TaskFilter,
  TaskPage,
  TaskStatus,
  UploadType,
} from './types.ts';
