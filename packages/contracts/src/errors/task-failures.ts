import type { ErrorEntry } from './entry.ts';

/** Why a task ended without a result. Seen as `task.failure.code`, never as an HTTP answer of its own. */
export const TASK_FAILURES = {
  IMAGE_NOT_CUT_OUT: {
    status: 'UNPROCESSABLE_CONTENT',
    zh: '背景过于复杂，未能抠出服装，请换用纯色背景的照片',
    en: 'The garment could not be cut out; use a photo with a plain ground',
    retryable: false,
  },
  OUTPUT_REFUSED: {
    status: 'UNPROCESSABLE_CONTENT',
    zh: '生成的内容未通过审核',
    en: 'What was made did not pass moderation',
    retryable: false,
  },
  INCOMPLETE_RESULT: {
    status: 'UNPROCESSABLE_CONTENT',
    zh: '生成的结果不完整',
    en: 'The result was not complete',
    retryable: true,
  },
  INPUT_GONE: {
    status: 'UNPROCESSABLE_CONTENT',
    zh: '任务的输入文件已不存在',
    en: 'The input file of this task is no longer there',
    retryable: false,
  },
  PROVIDER_FAILED: {
    status: 'UNPROCESSABLE_CONTENT',
    zh: '处理失败，请稍后重试',
    en: 'Processing failed; try again later',
    retryable: true,
  },
  TASK_TIMED_OUT: {
    status: 'UNPROCESSABLE_CONTENT',
    zh: '处理超时',
    en: 'Processing took too long',
    retryable: true,
  },
} as const satisfies Record<string, ErrorEntry>;
