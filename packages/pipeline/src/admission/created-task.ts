import type { Task } from '@yunshang/contracts';
import { stageText } from '../tasks/stage.ts';
import { chargeOf } from '../tasks/task-view.ts';

export type CreatedTask = {
  readonly id: string;
  readonly featureId: string;
  readonly quotaCost: number;
  readonly input: Task['input'];
  readonly createdAt: Date;
};

/** What creating the task answers; the same again for the same idempotency key, whatever became of the task since. */
export function createdTaskView(task: CreatedTask): Task {
  return {
    id: task.id,
    featureId: task.featureId,
    status: 'pending',
    percent: 0,
    stage: stageText('received'),
    input: task.input,
    charge: chargeOf({ amount: task.quotaCost, status: 'held' }),
    outputs: [],
    failure: null,
    createdAt: task.createdAt.toISOString(),
    finishedAt: null,
  };
}
