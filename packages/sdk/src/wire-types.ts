import type { ApiErrorCode } from './contract.gen.ts';

export type JsonValue = string | number | boolean | null | JsonValue[] | { [key: string]: JsonValue };

/** One thing wrong with one field; `field` is a path such as `input.photo`. */
export type FieldIssue = {
  field: string;
  rule: string;
  zh: string;
  en: string;
  /** How to mend it; given for definitions. */
  mend?: { zh: string; en: string } | undefined;
  /** Given by the billing guard: the arithmetic behind the finding. */
  evidence?: string[] | undefined;
};

/** What an error tells beside its code and texts. */
export type ErrorDetails = {
  issues?: FieldIssue[] | undefined;
  retryAfterSeconds?: number | undefined;
  required?: number | undefined;
  available?: number | undefined;
  limit?: string | undefined;
  reason?: string | undefined;
  field?: string | undefined;
  /** When a budget begins anew: ISO 8601 in UTC. */
  resetsAt?: string | undefined;
};

export type ErrorAnswer = {
  code: ApiErrorCode;
  httpStatus: number;
  zh: string;
  en: string;
  details: ErrorDetails;
  requestId: string;
  retryable: boolean;
};

export type ErrorShape = { message: string; code: number; data: ErrorAnswer };
