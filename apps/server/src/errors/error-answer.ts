import { ERRORS, httpStatusOf, type AppError, type ErrorCode, type ErrorDetails } from '@yunshang/contracts';
import type { RequestLog } from '../http/log.ts';

/** What a client is told of an error, the same on tRPC and in the REST envelope. */
export type ErrorAnswer = {
  code: ErrorCode;
  httpStatus: number;
  zh: string;
  en: string;
  details: ErrorDetails;
  requestId: string;
  retryable: boolean;
};

export function errorAnswer(error: AppError, requestId: string): ErrorAnswer {
  const { zh, en, retryable } = ERRORS[error.code];
  return {
    code: error.code,
    httpStatus: httpStatusOf(error.code),
    zh,
    en,
    details: error.details,
    requestId,
    retryable,
  };
}

/** Headers that go with an error on every edge. */
export function errorHeaders(error: AppError): Record<string, string> {
  const seconds = error.details.retryAfterSeconds;
  return seconds === undefined ? {} : { 'retry-after': String(seconds) };
}

/** Logs what we have to answer for (5xx), with its cause, once. What the client did wrong is on the access line only. */
export function logError(log: RequestLog, error: AppError): void {
  const status = httpStatusOf(error.code);
  if (status === 500) log.error({ err: error.cause ?? error, code: error.code }, 'failed');
  else if (status > 500) log.warn({ err: error.cause ?? error, code: error.code }, 'unavailable');
}
