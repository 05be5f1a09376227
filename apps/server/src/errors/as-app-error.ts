import { TRPCError } from '@trpc/server';
import { AppError, type ErrorCode } from '@yunshang/contracts';
import { isConnectionLost, isTransient } from '@yunshang/db';
import { z } from 'zod';
import { fieldIssues } from './field-issues.ts';

/** What the adapters say themselves, before any procedure ran. */
const ADAPTER_CODES: Readonly<Record<string, ErrorCode>> = {
  NOT_FOUND: 'ROUTE_NOT_FOUND',
  METHOD_NOT_SUPPORTED: 'METHOD_NOT_ALLOWED',
  PAYLOAD_TOO_LARGE: 'PAYLOAD_TOO_LARGE',
  UNSUPPORTED_MEDIA_TYPE: 'UNSUPPORTED_MEDIA_TYPE',
  FST_ERR_CTP_BODY_TOO_LARGE: 'PAYLOAD_TOO_LARGE',
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'UNSUPPORTED_MEDIA_TYPE',
  FST_ERR_NOT_FOUND: 'ROUTE_NOT_FOUND',
  FST_ERR_BAD_URL: 'ROUTE_NOT_FOUND',
  FST_ERR_MAX_PARAM_LENGTH: 'ROUTE_NOT_FOUND',
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: 'INPUT_INVALID',
};

/** Any thrown thing as the catalogue error its receiver may see; what nobody foresaw becomes INTERNAL with its cause. */
export function asAppError(error: unknown): AppError {
  if (error instanceof AppError) return error;
  if (error instanceof TRPCError) return fromTrpc(error);
  if (isConnectionLost(error) || isTransient(error)) return new AppError('SERVICE_UNAVAILABLE', {}, { cause: error });
  const known = codeOf(error);
  if (known !== undefined) return new AppError(known, {}, { cause: error });
  return new AppError('INTERNAL', {}, { cause: error });
}

/** The input is not JSON at all. */
export function notJson(cause: unknown): AppError {
  const issue = { field: '', rule: 'json', zh: '请求内容不是有效的 JSON', en: 'The body is not valid JSON' };
  return new AppError('INPUT_INVALID', { issues: [issue] }, { cause });
}

function fromTrpc(error: TRPCError): AppError {
  const { cause } = error;
  if (cause instanceof AppError) return cause;
  if (error.code === 'BAD_REQUEST' || error.code === 'PARSE_ERROR') {
    if (cause instanceof z.core.$ZodError)
      return new AppError('INPUT_INVALID', { issues: fieldIssues(cause) }, { cause });
    if (cause instanceof SyntaxError) return notJson(cause);
    return new AppError('INPUT_INVALID', {}, { cause: error });
  }
  const known = ADAPTER_CODES[error.code];
  if (known !== undefined) return new AppError(known, {}, { cause: error });
  return cause === undefined ? new AppError('INTERNAL', {}, { cause: error }) : asAppError(cause);
}

function codeOf(error: unknown): ErrorCode | undefined {
  if (!(error instanceof Error) || !('code' in error) || typeof error.code !== 'string') return undefined;
  return ADAPTER_CODES[error.code];
}
