import { envelope, hubError } from './codes.ts';
import { bentBy, type Task, type Usage } from './task.ts';

const PICTURES = 12;
const COINS = '48';
const MONEY = '0.480';

export const RESULT_PATH = '/runninghub-results';

export type ResultFile = { index: number; name: string; type: 'jpg' | 'mp4' };

/** The files a finished task has: twelve pictures or one film, fewer or none by fault. */
export function filesOf(task: Task): ResultFile[] {
  if (bentBy(task, 'empty_result') !== undefined) return [];
  if (task.product === 'video') return [{ index: 0, name: '0.mp4', type: 'mp4' }];
  const count = bentBy(task, 'wrong_count')?.count ?? PICTURES;
  return Array.from({ length: count }, (_, index) => ({ index, name: `${index}.jpg`, type: 'jpg' }));
}

/** Account a pays money by run time, account b coins; either is of the task, and repeated on every row of it. */
export function costOf(task: Task): Record<string, string | null> {
  return { ...(task.usage ?? usualUsage(task.account)), thirdPartyConsumeMoney: null };
}

/** What a task that ended well is charged for. */
export function usualUsage(account: Task['account']): Usage {
  return account === 'a' ? { consumeMoney: MONEY, consumeCoins: null } : { consumeMoney: null, consumeCoins: COINS };
}

export function urlOf(task: Task, file: ResultFile): string {
  return bentBy(task, 'result_url')?.url ?? `${task.origin}${RESULT_PATH}/${task.resultToken}/${file.name}`;
}

/** The whole of `/outputs`: throws 813, 804 and 805 for what is not there yet or never will be. */
export function outputsAnswer(task: Task): Record<string, unknown> {
  const { state } = task;
  if (state.name === 'SUCCESS') return envelope(rowsOf(task));
  if (state.name === 'FAILED') throw hubError('805', { failedReason: state.reason });
  if (bentBy(task, 'legacy_running') !== undefined) return { code: 0, msg: '任务正在运行中', data: null };
  throw hubError(state.name === 'QUEUED' ? '813' : '804');
}

export function costTimeS(task: Task): string {
  const endedAt = 'endedAt' in task.state ? task.state.endedAt : task.createdAt;
  return String(Math.ceil((endedAt.getTime() - task.createdAt.getTime()) / 1000));
}

function rowsOf(task: Task): Record<string, unknown>[] {
  return filesOf(task).map((file) => ({
    fileUrl: urlOf(task, file),
    fileType: file.type,
    taskCostTime: costTimeS(task),
    nodeId: '100',
    ...costOf(task),
  }));
}
