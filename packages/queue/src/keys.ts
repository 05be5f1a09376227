import { JOBS, isJobName, type JobName } from '@yunshang/contracts';

/** Before every key and channel. The braces keep all of a queue's keys in one slot of a Redis Cluster. */
export const KEY_PREFIX = '{yunshang}';

export const NUDGE_CHANNEL = `${KEY_PREFIX}:nudge`;

/** Told when the task has a new event. */
export function taskChannel(taskId: string): string {
  return `${KEY_PREFIX}:task:${taskId}`;
}

/** Every job of the catalogue; each has a queue of its own name. */
export const JOB_NAMES: readonly JobName[] = Object.keys(JOBS).filter(isJobName);
