import { randomBytes, randomInt } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import type { RunningHubConfig } from '../config.ts';
import { isPicture } from '../drawing/draw.ts';
import type { FaultBoard } from '../faults.ts';
import { hubError } from './codes.ts';
import { bentBy, failedReason, isOver, takeTaskFaults, type Task, type TaskState } from './task.ts';
import type { Wallets } from './wallets.ts';
import type { WebhookSender } from './webhook.ts';

/** The part of a task's time that it waits in the queue. */
const QUEUE_SHARE = 0.2;

export type NewTask = Pick<Task, 'account' | 'product' | 'ids' | 'photo' | 'webhookUrl' | 'origin'> & {
  action: string;
};

export type TaskBook = {
  /** Admits a task or refuses it (416, 421); its work begins at once. */
  create(wanted: NewTask): Promise<Task>;
  /** The account's own task; others' are not found. */
  find(account: string, id: string): Task | undefined;
  findByResultToken(token: string): Task | undefined;
  /** Newest first. */
  list(): Task[];
  /** Accepts to end a task; it fails at once unless a fault lets it complete. Refuses one that is over. */
  cancel(task: Task): void;
  unfinished(account: string): Task[];
  /** What the control side may turn: how long new tasks take, and how many an account may have. */
  settings: { workMs: number; concurrency: Record<string, number> };
  reset(): void;
};

type Deps = {
  config: RunningHubConfig;
  timeScale: number;
  faults: FaultBoard;
  webhooks: WebhookSender;
  wallets: Wallets;
  now: () => Date;
};

export function createTaskBook(deps: Deps): TaskBook {
  const tasks = new Map<string, Task>();
  const running = new Map<string, AbortController>();
  const settings = initialSettings(deps);
  const unfinished = (account: string): Task[] =>
    [...tasks.values()].filter((task) => task.account === account && !isOver(task));
  const end = (task: Task, state: Ended): void => {
    running.delete(task.id);
    task.state = state;
    if (state.name === 'SUCCESS') deps.wallets.charge(task);
    deps.webhooks.announce(task);
  };
  const begin = (task: Task): void => {
    const stop = new AbortController();
    running.set(task.id, stop);
    work(task, { workMs: settings.workMs, signal: stop.signal, now: deps.now }).then(
      (state) => end(task, state),
      ignoreAborts,
    );
  };

  return {
    async create(wanted) {
      admit(deps.faults, wanted, unfinished(wanted.account).length >= (settings.concurrency[wanted.account] ?? 0));
      const task = newTask(deps, wanted);
      tasks.set(task.id, task);
      begin(task);
      await deps.webhooks.announceEarly(task);
      return task;
    },
    find(account, id) {
      const task = tasks.get(id);
      return task?.account === account ? task : undefined;
    },
    findByResultToken: (token) => [...tasks.values()].find((task) => task.resultToken === token),
    list: () => [...tasks.values()].toReversed(),
    cancel(task) {
      if (isOver(task)) throw hubError('805');
      task.cancelRequested = true;
      const target = { vendor: 'runninghub', action: 'CancelTask', ids: { ...task.ids, taskId: task.id } } as const;
      if (deps.faults.take(target, ['cancel_ignored']) !== undefined) return;
      running.get(task.id)?.abort();
      end(task, { name: 'FAILED', endedAt: deps.now(), reason: failedReason('TaskCancelled', 'Task was cancelled.') });
    },
    unfinished,
    settings,
    reset() {
      for (const stop of running.values()) stop.abort();
      running.clear();
      tasks.clear();
      deps.webhooks.stop();
      Object.assign(settings, initialSettings(deps));
    },
  };
}

type Ended = Extract<TaskState, { endedAt: Date }>;

/** From the queue through the work to its outcome; rejects when the signal ends it. */
async function work(task: Task, how: { workMs: number; signal: AbortSignal; now: () => Date }): Promise<Ended> {
  const { signal, now } = how;
  const workMs = bentBy(task, 'work')?.ms ?? how.workMs;
  await pause(workMs * QUEUE_SHARE, undefined, { signal });
  task.state = { name: 'RUNNING' };
  await pause(workMs * (1 - QUEUE_SHARE), undefined, { signal });
  const state = await outcomeOf(task, now);
  signal.throwIfAborted();
  return state;
}

function initialSettings({ config, timeScale }: Deps): TaskBook['settings'] {
  return {
    workMs: config.workMs * timeScale,
    concurrency: Object.fromEntries(config.accounts.map(({ name }) => [name, config.concurrency])),
  };
}

function admit(faults: FaultBoard, wanted: NewTask, isFull: boolean): void {
  const target = { vendor: 'runninghub', action: wanted.action, ids: wanted.ids } as const;
  if (faults.take(target, ['empty_wallet']) !== undefined) throw hubError('416');
  if (isFull) throw hubError('421');
}

function newTask({ faults, now }: Deps, { action, ...wanted }: NewTask): Task {
  return {
    ...wanted,
    id: taskId(),
    resultToken: randomBytes(16).toString('hex'),
    createdAt: now(),
    state: { name: 'QUEUED' },
    cancelRequested: false,
    bent: takeTaskFaults(faults, { vendor: 'runninghub', action, ids: wanted.ids }),
    webhooks: [],
  };
}

async function outcomeOf(task: Task, now: () => Date): Promise<Ended> {
  const fault = bentBy(task, 'task_failed');
  if (fault !== undefined) {
    return { name: 'FAILED', endedAt: now(), reason: failedReason(fault.exceptionType, fault.exceptionMessage) };
  }
  if (!(await isPicture(task.photo))) {
    const reason = failedReason('UnidentifiedImageError', 'cannot identify image file');
    return { name: 'FAILED', endedAt: now(), reason };
  }
  return { name: 'SUCCESS', endedAt: now() };
}

/** Odd, so that no double holds it. */
function taskId(): string {
  const middle = String(randomInt(10 ** 8)).padStart(8, '0') + String(randomInt(10 ** 8)).padStart(8, '0');
  return `19${middle}${randomInt(5) * 2 + 1}`;
}

function ignoreAborts(error: unknown): void {
  if (!(error instanceof Error && error.name === 'AbortError')) throw error;
}
