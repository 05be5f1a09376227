export { ERRORS, isErrorCode, type ErrorCode } from './errors/catalogue.ts';
export { HTTP_STATUS, type ErrorEntry, type ErrorStatus } from './errors/entry.ts';
export {
  AppError,
  errorDetailsSchema,
  fieldIssueSchema,
  httpStatusOf,
  inputInvalid,
  isAppError,
  type ErrorDetails,
  type FieldIssue,
} from './errors/app-error.ts';
export * from './envelope.ts';
export * from './units.ts';
export * from './permissions.ts';
export * from './jobs.ts';
export * from './never.ts';
export * from './dto/auth.ts';
export * from './dto/approvals.ts';
export * from './dto/audit.ts';
export * from './dto/orders.ts';
export * from './dto/refunds.ts';
export * from './dto/fapiao.ts';
export * from './dto/plans.ts';
export * from './dto/reconciliation.ts';
export * from './dto/quota.ts';
export * from './dto/codes.ts';
export * from './dto/campaigns.ts';
export * from './dto/grants.ts';
export * from './dto/file.ts';
export * from './dto/features.ts';
export * from './dto/uploads.ts';
export * from './dto/tasks.ts';
export * from './dto/batches.ts';
export * from './dto/jobs.ts';
export * from './dto/costs.ts';
export * from './dto/reports.ts';
export * from './dto/budgets.ts';
export * from './dto/alerts.ts';
export * from './dto/notices.ts';
export * from './dto/providers.ts';
export * from './dto/json-body.ts';
export * from './dto/definitions.ts';
export * from './dto/guard.ts';
export * from './definitions/issue.ts';
export * from './definitions/feature.ts';
export * from './definitions/form.ts';
export * from './definitions/pipeline.ts';
export * from './alerts.ts';
