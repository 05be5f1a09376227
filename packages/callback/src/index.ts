export { CallbackRefused } from './callback-refused.ts';
export type { CallbackRefusal } from './callback-refused.ts';
export { callbackHeaders, callbackWindowSeconds, signCallback, verifyCallback } from './signature.ts';
export type {
  CallbackKey,
  CallbackKeys,
  CallbackToSign,
  CallbackToVerify,
  ProvedCallback,
  SignedHeaders,
} from './signature.ts';
export { callbackBodyBytesMax, parseCallbackBody } from './callback-body.ts';
export type { CallbackBody, CallbackError, CallbackFile, CallbackOutput, CallbackUsage } from './callback-body.ts';
export { invocationBytesMax, parseInvocation, parseReplyTo } from './invocation.ts';
export type { Invocation, InvocationUpload } from './invocation.ts';
export { Malformed, readClosedRecord, readInteger, readList, readRecord, readText } from './plain.ts';
export type { PlainRecord } from './plain.ts';
