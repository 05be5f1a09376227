import type { ErrorEntry } from './entry.ts';

/** Why quota that nobody pays for is not given. */
export const PROMOTION_ERRORS = {
  CODE_NOT_VALID: {
    status: 'BAD_REQUEST',
    zh: '兑换码无效，请核对后重试',
    en: 'This is not a code that can be redeemed; check it and try again',
    retryable: false,
  },
  CODE_BATCH_NOT_FOUND: {
    status: 'NOT_FOUND',
    zh: '兑换码批次不存在',
    en: 'There is no such batch of codes',
    retryable: false,
  },
  CODE_REDEEMED: {
    status: 'CONFLICT',
    zh: '您已兑换过该兑换码',
    en: 'You have redeemed this code already',
    retryable: false,
  },
  CODE_EXPIRED: { status: 'CONFLICT', zh: '兑换码已过期', en: 'This code has expired', retryable: false },
  CODE_USED_UP: {
    status: 'CONFLICT',
    zh: '兑换码已被使用',
    en: 'This code has been used as often as it can be',
    retryable: false,
  },
  CODE_LIMIT_REACHED: {
    status: 'CONFLICT',
    zh: '您在该批次的兑换次数已达上限',
    en: 'You have redeemed as many codes of this batch as one account may',
    retryable: false,
  },
  CAMPAIGN_NOT_FOUND: { status: 'NOT_FOUND', zh: '活动不存在', en: 'There is no such campaign', retryable: false },
  CAMPAIGN_NOT_ALLOWED: {
    status: 'FORBIDDEN',
    zh: '您不在该活动的参与范围内',
    en: 'This campaign is not for your account',
    retryable: false,
  },
  CAMPAIGN_NOT_OPEN: {
    status: 'CONFLICT',
    zh: '活动未开始、已结束或已停止',
    en: 'The campaign has not begun, is over or was stopped',
    retryable: false,
  },
  CAMPAIGN_FULL: {
    status: 'CONFLICT',
    zh: '活动名额已领完',
    en: 'Everything this campaign had to give is gone',
    retryable: false,
  },
  CAMPAIGN_CLAIMED: {
    status: 'CONFLICT',
    zh: '您已领取过该活动的配额',
    en: 'You have claimed this campaign already',
    retryable: false,
  },
} as const satisfies Record<string, ErrorEntry>;
