import type { ErrorEntry } from './entry.ts';

/** What is not there, or not the caller's to see. */
export const NOT_FOUND = {
  ROUTE_NOT_FOUND: {
    status: 'NOT_FOUND',
    zh: '接口不存在',
    en: 'There is no such route',
    retryable: false,
  },
  PLAN_NOT_FOUND: { status: 'NOT_FOUND', zh: '套餐不存在', en: 'There is no such plan', retryable: false },
  FEATURE_NOT_FOUND: {
    status: 'NOT_FOUND',
    zh: '功能不存在或未开放',
    en: 'There is no such feature',
    retryable: false,
  },
  APPROVAL_NOT_FOUND: {
    status: 'NOT_FOUND',
    zh: '审批单不存在',
    en: 'There is no such approval',
    retryable: false,
  },
  ALERT_NOT_FOUND: {
    status: 'NOT_FOUND',
    zh: '告警不存在',
    en: 'There is no such alert',
    retryable: false,
  },
  ALERT_TARGET_NOT_FOUND: {
    status: 'NOT_FOUND',
    zh: '告警接收方不存在',
    en: 'There is no such target of alerts',
    retryable: false,
  },
  REFUND_NOT_FOUND: {
    status: 'NOT_FOUND',
    zh: '退款单不存在',
    en: 'There is no such refund',
    retryable: false,
  },
  FAPIAO_NOT_FOUND: {
    status: 'NOT_FOUND',
    zh: '发票不存在，或文件尚未生成',
    en: 'There is no such fapiao, or not yet its file',
    retryable: false,
  },
  FAPIAO_TITLE_NOT_FOUND: {
    status: 'NOT_FOUND',
    zh: '发票抬头不存在',
    en: 'There is no such fapiao title',
    retryable: false,
  },
  RECONCILIATION_NOT_FOUND: {
    status: 'NOT_FOUND',
    zh: '对账记录或差异不存在',
    en: 'There is no such reconciliation or difference',
    retryable: false,
  },
  ORDER_NOT_FOUND: { status: 'NOT_FOUND', zh: '订单不存在', en: 'There is no such order', retryable: false },
  TASK_NOT_FOUND: { status: 'NOT_FOUND', zh: '任务不存在', en: 'There is no such task', retryable: false },
  ASSET_NOT_FOUND: { status: 'NOT_FOUND', zh: '素材不存在', en: 'There is no such asset', retryable: false },
  SESSION_NOT_FOUND: { status: 'NOT_FOUND', zh: '会话不存在', en: 'There is no such session', retryable: false },
  USER_NOT_FOUND: { status: 'NOT_FOUND', zh: '用户不存在', en: 'There is no such user', retryable: false },
  BATCH_NOT_FOUND: { status: 'NOT_FOUND', zh: '批次不存在', en: 'There is no such batch', retryable: false },
  DEFINITION_NOT_FOUND: {
    status: 'NOT_FOUND',
    zh: '定义或版本不存在',
    en: 'There is no such definition or version',
    retryable: false,
  },
  PROVIDER_NOT_FOUND: { status: 'NOT_FOUND', zh: '供应商不存在', en: 'There is no such provider', retryable: false },
  JOB_NOT_FOUND: { status: 'NOT_FOUND', zh: '作业不存在', en: 'There is no such job', retryable: false },
} as const satisfies Record<string, ErrorEntry>;
