import { TRPCClientError } from '@trpc/client';
import type { ApiErrorCode } from './contract.gen.ts';
import type { ErrorAnswer, ErrorDetails } from './wire-types.ts';

/** Codes this package makes itself, where the API had no say. */
export type ClientErrorCode =
  /** No answer: the network, or a proxy before the API. */
  | 'NETWORK_ERROR'
  /** No answer in time. */
  | 'TIMEOUT'
  /** The caller's own signal ended it. */
  | 'ABORTED'
  /** The bucket did not take the file. */
  | 'UPLOAD_FAILED'
  /** The order can no longer be paid. */
  | 'ORDER_NOT_PAID';
export type ErrorCode = ApiErrorCode | ClientErrorCode;

type Fields = {
  code: ErrorCode;
  /** HTTP status; 0 where there was no answer. */
  status: number;
  zh: string;
  en: string;
  details?: ErrorDetails;
  requestId?: string;
  retryable: boolean;
};

/** The one error every method rejects with. `message` is English; `zh` is for showing to Chinese-speaking people. */
export class YunshangError extends Error {
  override readonly name = 'YunshangError';
  readonly code: ErrorCode;
  readonly status: number;
  readonly zh: string;
  readonly en: string;
  readonly details: ErrorDetails;
  /** Quote it when asking for help; empty where the API was not reached. */
  readonly requestId: string;
  /** Whether the same call can succeed later without being changed. */
  readonly retryable: boolean;

  constructor(fields: Fields, options?: ErrorOptions) {
    super(fields.en, options);
    this.code = fields.code;
    this.status = fields.status;
    this.zh = fields.zh;
    this.en = fields.en;
    this.details = fields.details ?? {};
    this.requestId = fields.requestId ?? '';
    this.retryable = fields.retryable;
  }
}

/** True for an error of this package, of the given code when one is named. Also across two copies of the package. */
export function isYunshangError(error: unknown, code?: ErrorCode): error is YunshangError {
  if (!(error instanceof Error) || error.name !== 'YunshangError' || !('code' in error)) return false;
  return code === undefined || error.code === code;
}

const MADE_HERE = {
  NETWORK_ERROR: { zh: '网络异常，请稍后重试', en: 'The service could not be reached', retryable: true },
  TIMEOUT: { zh: '请求超时，请稍后重试', en: 'There was no answer in time', retryable: true },
  ABORTED: { zh: '操作已取消', en: 'The call was aborted', retryable: false },
  UPLOAD_FAILED: { zh: '文件上传失败，请重试', en: 'The file could not be uploaded', retryable: true },
  ORDER_NOT_PAID: { zh: '订单未支付', en: 'The order was not paid', retryable: false },
} as const satisfies Record<ClientErrorCode, { zh: string; en: string; retryable: boolean }>;

/** An error the API had no say in. */
export function clientError(code: ClientErrorCode, options: { cause?: unknown; status?: number } = {}): YunshangError {
  const { status = 0, cause } = options;
  return new YunshangError({ code, status, ...MADE_HERE[code] }, { cause });
}

/** Whatever a call was rejected with, as a YunshangError. */
export function asYunshangError(error: unknown): YunshangError {
  if (isYunshangError(error)) return error;
  if (error instanceof TRPCClientError) {
    const data: unknown = error.data;
    if (isErrorAnswer(data)) return fromAnswer(data, error);
    return withoutAnswer(error.cause ?? error);
  }
  return withoutAnswer(error);
}

/** The answer's error as thrown to callers. */
export function fromAnswer(answer: ErrorAnswer, cause?: unknown): YunshangError {
  const { httpStatus: status, ...rest } = answer;
  return new YunshangError({ ...rest, status }, { cause });
}

export function isErrorAnswer(value: unknown): value is ErrorAnswer {
  return (
    typeof value === 'object' && value !== null && 'code' in value && 'httpStatus' in value && 'requestId' in value
  );
}

function withoutAnswer(error: unknown): YunshangError {
  if (isYunshangError(error)) return error;
  const name = error instanceof Error ? error.name : '';
  if (name === 'TimeoutError') return clientError('TIMEOUT', { cause: error });
  if (name === 'AbortError') return clientError('ABORTED', { cause: error });
  return clientError('NETWORK_ERROR', { cause: error });
}
