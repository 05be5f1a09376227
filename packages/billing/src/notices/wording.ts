type Bilingual = { zh: string; en: string };

/** What a member reads; worked out when it is shown. */
export function noticeText({ available }: { available: number }): { title: Bilingual; text: Bilingual } {
  return {
    title: { zh: '配额不足提醒', en: 'Little quota left' },
    text: {
      zh: `您的剩余配额为 ${available}，为避免影响使用，请及时续费或升级套餐。`,
      en: `You have ${available} left. Renew or upgrade your plan to go on without a break.`,
    },
  };
}
