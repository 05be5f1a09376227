import type { Bilingual } from '@yunshang/contracts';

/** What a task is doing, in words for members: never a provider's or a step's name. `percent` is shown on arrival. */
export const STAGES = {
  received: { percent: 0, zh: '已收到，排队中', en: 'Received, waiting its turn' },
  processing: { percent: 10, zh: '处理中', en: 'Working on it' },
  waiting: { percent: 20, zh: '制作中，需要一些时间', en: 'In the making; this takes a while' },
  finishing: { percent: 90, zh: '正在保存结果', en: 'Saving the result' },
  cancelling: { percent: 90, zh: '正在取消', en: 'Cancelling' },
  done: { percent: 100, zh: '已完成', en: 'Done' },
  failed: { percent: 100, zh: '处理失败', en: 'Failed' },
  cancelled: { percent: 100, zh: '已取消', en: 'Cancelled' },
} as const satisfies Record<string, Bilingual & { percent: number }>;

export type Stage = keyof typeof STAGES;

/** The member has asked for the end; the next run brings it about. */
export const CANCELLING = 'cancelling' satisfies Stage;

/** Somebody else works on it, or has to come free. */
export const WAITING = 'waiting' satisfies Stage;

/** The words of a stage; those of `processing` for one this version does not know. */
export function stageText(stage: string): Bilingual {
  const { zh, en } = isStage(stage) ? STAGES[stage] : STAGES.processing;
  return { zh, en };
}

function isStage(stage: string): stage is Stage {
  return Object.hasOwn(STAGES, stage);
}
