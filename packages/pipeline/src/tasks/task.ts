import { TASK_STATUSES, type TaskStatus } from '@yunshang/contracts';

/** Every move a task can make; what is not here does not happen. */
const MOVES = {
  pending: ['processing', 'failed', 'cancelled'],
  processing: ['succeeded', 'failed', 'cancelled'],
  succeeded: [],
  failed: [],
  cancelled: [],
} as const satisfies Record<TaskStatus, readonly TaskStatus[]>;

/** True when the table has the move. */
export function canMove(from: TaskStatus, to: TaskStatus): boolean {
  const targets: readonly TaskStatus[] = MOVES[from];
  return targets.includes(to);
}

/** The statuses from which a task can reach `to`: the guard of the UPDATE that moves it. */
export function sourcesOf(to: TaskStatus): TaskStatus[] {
  return TASK_STATUSES.filter((from) => canMove(from, to));
}

/** True once nothing can happen to the task any more. */
export function isTerminal(status: TaskStatus): boolean {
  return MOVES[status].length === 0;
}
