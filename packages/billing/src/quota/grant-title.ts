import { assertNever, type Bilingual, type GrantSource } from '@yunshang/contracts';

/** What is known of where a grant came from. */
export type GrantOrigin = {
  source: GrantSource;
  effectKey: string;
  /** The plan as it was sold. */
  plan: { title: string; titleEn: string } | undefined;
  /** The batch of codes or the campaign, in the words of whoever made it. */
  promotion: string | null;
};

/** Where a grant came from, in words. */
export function titleOf({ source, effectKey, plan, promotion }: GrantOrigin): Bilingual {
  switch (source) {
    case 'purchase':
      return plan === undefined ? { zh: '套餐', en: 'Plan' } : { zh: `${plan.title}套餐`, en: `${plan.titleEn} plan` };
    case 'signup':
      return { zh: '新用户注册赠送', en: 'Given at sign-up' };
    case 'promotion':
      return promotion === null ? { zh: '活动赠送', en: 'Promotion' } : { zh: promotion, en: promotion };
    case 'compensation':
      if (effectKey.startsWith('refund_closed:'))
        return { zh: '退款未成功，恢复配额', en: 'Restored, as a refund failed' };
      return effectKey.startsWith('goodwill:')
        ? { zh: '客服补偿', en: 'Given to make up for something' }
        : { zh: '任务返还（原配额已到期）', en: 'Given back by a task, as the quota it came from had ended' };
    default:
      return assertNever(source);
  }
}
