import { z } from 'zod';
import { ERRORS, type ErrorCode } from './catalogue.ts';
import { bilingualSchema } from '../units.ts';
import { HTTP_STATUS } from './entry.ts';

/** One thing wrong with one field. `field` is a path like `input.photo` or `amountFen`. */
export const fieldIssueSchema = z.object({
  field: z.string(),
  rule: z.string(),
  zh: z.string(),
  en: z.string(),
  /** How to mend it; given for definitions. */
  mend: bilingualSchema.optional(),
  /** Given by the billing guard: the arithmetic behind the finding. */
  evidence: z.array(z.string()).optional(),
});
export type FieldIssue = z.infer<typeof fieldIssueSchema>;

/** What an error may tell its receiver beside code and text. Never vendor ids, SQL, stacks or other people's data. */
export const errorDetailsSchema = z.object({
  issues: z.array(fieldIssueSchema).optional(),
  retryAfterSeconds: z.number().int().nonnegative().optional(),
  required: z.number().int().optional(),
  available: z.number().int().optional(),
  limit: z.string().optional(),
  reason: z.string().optional(),
  field: z.string().optional(),
  /** When a budget begins anew: an instant. */
  resetsAt: z.string().optional(),
});
export type ErrorDetails = z.infer<typeof errorDetailsSchema>;

/** The only error that use cases throw on purpose. Anything else becomes INTERNAL at the edge. */
export class AppError extends Error {
  override readonly name = 'AppError';
  readonly code: ErrorCode;
  readonly details: ErrorDetails;

  constructor(code: ErrorCode, details: ErrorDetails = {}, options?: ErrorOptions) {
    super(ERRORS[code].en, options);
    this.code = code;
    this.details = details;
  }
}

/** True for an AppError, of the given code when one is named. */
export function isAppError(error: unknown, code?: ErrorCode): error is AppError {
  return error instanceof AppError && (code === undefined || error.code === code);
}

/** The HTTP status of a code. */
export function httpStatusOf(code: ErrorCode): number {
  return HTTP_STATUS[ERRORS[code].status];
}

/** INPUT_INVALID naming one field. */
export function inputInvalid(field: string, rule: string, text: { zh: string; en: string }): AppError {
  return new AppError('INPUT_INVALID', { issues: [{ field, rule, ...text }] });
}
