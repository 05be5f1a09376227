import type { ErrorEntry } from './entry.ts';
import { PROMOTION_ERRORS } from './promotion-errors.ts';
import { NOT_FOUND } from './not-found.ts';
import { TASK_FAILURES } from './task-failures.ts';

/**
 * Every error a client can meet: stable code → status, Chinese and English text, whether trying again later can help.
 * The HTTP status is derived from `status`; docs/errors has a page per code.
 */
export const ERRORS = {
  INPUT_INVALID: {
    status: 'BAD_REQUEST',
    zh: '提交的内容有误，请按提示修改',
    en: 'Some of the input is not valid; see the fields named',
    retryable: false,
  },
  FORM_INVALID: {
    status: 'BAD_REQUEST',
    zh: '表单填写有误，请按提示修改',
    en: 'The form is not filled in correctly; see the fields named',
    retryable: false,
  },
  IMAGE_REFUSED: {
    status: 'BAD_REQUEST',
    zh: '图片或视频不符合要求',
    en: 'The picture or film can not be used',
    retryable: false,
  },
  DEFINITION_INVALID: {
    status: 'BAD_REQUEST',
    zh: '定义有误，请按提示修改',
    en: 'The definition is not valid; each issue names its path and how to mend it',
    retryable: false,
  },
  GUARD_REFUSED: {
    status: 'BAD_REQUEST',
    zh: '计费守卫拒绝了这次修改，请按报告修改',
    en: 'The billing guard refuses the change; each issue names its rule, place and how to mend it',
    retryable: false,
  },
  GUARD_UNACKNOWLEDGED: {
    status: 'BAD_REQUEST',
    zh: '计费守卫有警告，请阅读后在 acknowledge 中确认',
    en: 'The billing guard warns; read the issues and name their rules in acknowledge',
    retryable: false,
  },
  GUARD_REPORT_NOT_FOUND: {
    status: 'NOT_FOUND',
    zh: '没有这份审查报告',
    en: 'There is no such review',
    retryable: false,
  },
  CONTENT_REFUSED: {
    status: 'BAD_REQUEST',
    zh: '内容未通过审核，未扣除配额',
    en: 'The content did not pass moderation; you were not charged',
    retryable: false,
  },
  IDEMPOTENCY_KEY_REQUIRED: {
    status: 'BAD_REQUEST',
    zh: '缺少 Idempotency-Key 请求头',
    en: 'The Idempotency-Key header is missing',
    retryable: false,
  },
  SMS_CODE_INVALID: {
    status: 'BAD_REQUEST',
    zh: '验证码不正确或已失效，请重新获取',
    en: 'The code is wrong or no longer valid; ask for a new one',
    retryable: false,
  },
  UNAUTHENTICATED: {
    status: 'UNAUTHORIZED',
    zh: '请先登录',
    en: 'Sign in first',
    retryable: false,
  },
  TOKEN_EXPIRED: {
    status: 'UNAUTHORIZED',
    zh: '登录凭证已过期，请刷新',
    en: 'The access token has expired; refresh it',
    retryable: false,
  },
  SESSION_ENDED: {
    status: 'UNAUTHORIZED',
    zh: '登录已失效，请重新登录',
    en: 'The session has ended; sign in again',
    retryable: false,
  },
  NOTIFICATION_REFUSED: {
    status: 'UNAUTHORIZED',
    zh: '通知未通过验证',
    en: 'The notification did not pass verification',
    retryable: false,
  },
  CALLBACK_REFUSED: {
    status: 'UNAUTHORIZED',
    zh: '回调未通过验证',
    en: 'The callback did not pass verification',
    retryable: false,
  },
  QUOTA_INSUFFICIENT: {
    status: 'PAYMENT_REQUIRED',
    zh: '配额不足，请购买或续费会员',
    en: 'Not enough quota; buy or renew a membership',
    retryable: false,
  },
  FORBIDDEN: {
    status: 'FORBIDDEN',
    zh: '没有权限执行该操作',
    en: 'You are not allowed to do this',
    retryable: false,
  },
  MEMBERSHIP_REQUIRED: {
    status: 'FORBIDDEN',
    zh: '该功能需要有效的会员',
    en: 'This needs a membership in force',
    retryable: false,
  },
  PLAN_LEVEL_TOO_LOW: {
    status: 'FORBIDDEN',
    zh: '当前套餐等级不足，请升级套餐',
    en: 'Your plan is not high enough; upgrade to use this',
    retryable: false,
  },
  FEATURE_NOT_ALLOWED: {
    status: 'FORBIDDEN',
    zh: '该功能仅对受邀账户开放',
    en: 'This feature is open to invited accounts only',
    retryable: false,
  },
  CONSENT_REQUIRED: {
    status: 'FORBIDDEN',
    zh: '下载无可见标识的文件前，需先确认标识义务',
    en: 'Accept the labelling duty before downloading without the visible label',
    retryable: false,
  },
  ...NOT_FOUND,
  APPROVAL_OWN: {
    status: 'FORBIDDEN',
    zh: '申请人不能审批自己的申请，请由另一位同事处理',
    en: 'Whoever asks can not decide; it takes a second person',
    retryable: false,
  },
  REFUND_EXCEEDS_PAYMENT: {
    status: 'CONFLICT',
    zh: '退款金额超过该笔付款的可退金额',
    en: 'More than is left of that payment can not be given back',
    retryable: false,
  },
  METHOD_NOT_ALLOWED: {
    status: 'METHOD_NOT_SUPPORTED',
    zh: '该接口不支持此请求方法',
    en: 'This route does not support the method',
    retryable: false,
  },
  IDEMPOTENCY_KEY_REUSED: {
    status: 'CONFLICT',
    zh: '同一个 Idempotency-Key 不能用于不同的请求',
    en: 'This Idempotency-Key was used with a different request',
    retryable: false,
  },
  IDEMPOTENCY_IN_FLIGHT: {
    status: 'CONFLICT',
    zh: '相同的请求正在处理，请稍后再试',
    en: 'The same request is still being handled; try again shortly',
    retryable: true,
  },
  STATE_CONFLICT: {
    status: 'CONFLICT',
    zh: '状态已变化，无法执行该操作',
    en: 'The state has moved on; this can no longer be done',
    retryable: false,
  },
  UPLOAD_MISSING: {
    status: 'CONFLICT',
    zh: '文件尚未上传完成',
    en: 'The file has not been uploaded yet',
    retryable: true,
  },
  PAYLOAD_TOO_LARGE: {
    status: 'PAYLOAD_TOO_LARGE',
    zh: '请求内容过大',
    en: 'The request is too large',
    retryable: false,
  },
  UNSUPPORTED_MEDIA_TYPE: {
    status: 'UNSUPPORTED_MEDIA_TYPE',
    zh: '不支持的内容类型',
    en: 'The content type is not supported',
    retryable: false,
  },
  RATE_LIMITED: {
    status: 'TOO_MANY_REQUESTS',
    zh: '请求过于频繁，请稍后再试',
    en: 'Too many requests; wait a moment',
    retryable: true,
  },
  SMS_TOO_FREQUENT: {
    status: 'TOO_MANY_REQUESTS',
    zh: '验证码发送过于频繁，请稍后再试',
    en: 'Codes are being requested too often; wait a moment',
    retryable: true,
  },
  FEATURE_RATE_LIMITED: {
    status: 'TOO_MANY_REQUESTS',
    zh: '该功能使用次数已达上限，请稍后再试',
    en: 'The limit of this feature is reached; try again later',
    retryable: true,
  },
  FEATURE_COOLDOWN: {
    status: 'TOO_MANY_REQUESTS',
    zh: '操作太快，请稍候片刻',
    en: 'This feature is cooling down; wait a moment',
    retryable: true,
  },
  BUDGET_EXCEEDED: {
    status: 'TOO_MANY_REQUESTS',
    zh: '本周的处理额度已用完，未扣除配额，请在重置后再试',
    en: 'This week’s budget for the work is used up; you were not charged; try again once it is reset',
    retryable: true,
  },
  MODERATION_UNAVAILABLE: {
    status: 'SERVICE_UNAVAILABLE',
    zh: '内容审核暂时不可用，请稍后再试',
    en: 'Moderation is down for the moment; try again later',
    retryable: true,
  },
  PROVIDERS_DOWN: {
    status: 'SERVICE_UNAVAILABLE',
    zh: '服务暂时不可用，未扣除配额，请稍后再试',
    en: 'The service is down for the moment; you were not charged',
    retryable: true,
  },
  PAYMENT_UNAVAILABLE: {
    status: 'SERVICE_UNAVAILABLE',
    zh: '支付服务暂时不可用，请稍后再试',
    en: 'The payment service is down for the moment',
    retryable: true,
  },
  STORAGE_UNAVAILABLE: {
    status: 'SERVICE_UNAVAILABLE',
    zh: '存储服务暂时不可用，请稍后再试',
    en: 'The storage service is down for the moment',
    retryable: true,
  },
  SMS_UNAVAILABLE: {
    status: 'SERVICE_UNAVAILABLE',
    zh: '短信发送失败，请稍后再试',
    en: 'The text message could not be sent; try again later',
    retryable: true,
  },
  SERVICE_UNAVAILABLE: {
    status: 'SERVICE_UNAVAILABLE',
    zh: '服务繁忙，请稍后再试',
    en: 'The service is busy; try again shortly',
    retryable: true,
  },
  INTERNAL: {
    status: 'INTERNAL_SERVER_ERROR',
    zh: '服务器内部错误，请联系客服并提供请求编号',
    en: 'Something went wrong on our side; quote the request id',
    retryable: true,
  },
  ...PROMOTION_ERRORS,
  ...TASK_FAILURES,
} as const satisfies Record<string, ErrorEntry>;

export type ErrorCode = keyof typeof ERRORS;

/** True for a code of the catalogue. */
export function isErrorCode(code: unknown): code is ErrorCode {
  return typeof code === 'string' && Object.hasOwn(ERRORS, code);
}
