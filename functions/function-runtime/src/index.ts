export { findAsset } from './find-asset.ts';
export { FunctionFailure } from './function-failure.ts';
export type { FailureCode } from './function-failure.ts';
export { createHandler } from './main-handler.ts';
export type { FunctionContext, HandlerAnswer, HandlerSettings, MainHandler } from './main-handler.ts';
export type { Job, ProducedFile, Work } from './perform-job.ts';
export { optionalInteger, optionalNumber, optionalText, requiredText } from './read-input.ts';
export { readFunctionConfig } from './config.ts';
export type { FunctionConfig } from './config.ts';
