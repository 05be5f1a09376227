import type { PriceBook } from '@yunshang/billing';
import type { ErrorCode, PipelineStep } from '@yunshang/contracts';
import type { Clock, Db } from '@yunshang/db';
import type { EndpointList } from '../providers/endpoint-list.ts';
import type { ProviderCall, ProviderRegistry } from '../providers/provider.ts';
import type { Storage } from '../storage/storage.ts';
import type { TaskRow } from '../tasks/task.store.ts';
import type { Delivery } from './delivery.ts';
import type { Lease } from './lease.ts';
import type { ProviderSlots } from './provider-slots.ts';

export type StepRun = {
  db: Db;
  clock: Clock;
  storage: Storage;
  providers: ProviderRegistry;
  endpoints: EndpointList;
  slots: ProviderSlots;
  prices: PriceBook;
  delivery: Delivery;
  task: TaskRow;
  lease: Lease;
  /** Aborts when the task is no longer this run's. */
  lost: AbortSignal;
  /** The task has just begun: nothing was tried and nothing is there yet. */
  isNew: boolean;
  step: PipelineStep;
  stepIndex: number;
  /** Its files are the task's results. */
  isLast: boolean;
  /** Fewer results than this are none; of the last step only. */
  expectedOutputs: number;
  /** The resolved inputMapping. */
  input: Readonly<Record<string, unknown>>;
  /** A provider has delivered and the result is about to be stored; `end` when it is. */
  beginStoring: () => { end: () => Promise<void> };
};

export type StepOutcome =
  | { kind: 'succeeded'; attemptId: string; output: Record<string, unknown>; costMicroYuan?: number }
  | { kind: 'failed'; code: ErrorCode }
  /** Nothing can be done before `at`. */
  | { kind: 'later'; at: Date };

/** `go on`: the step has to be looked at anew. */
export type Progress = StepOutcome | 'go on';

export function callOf(run: StepRun, attemptNo: number): Omit<ProviderCall, 'signal'> {
  const { task, stepIndex, step, input } = run;
  const endpoint = endpointNameOf(step);
  return { taskId: task.id, userId: task.user_id, stepIndex, attemptNo, endpoint, input };
}

/** What a provider calls the work of the step. */
export function endpointNameOf(step: PipelineStep): string {
  return step.type === 'scf' ? step.scfFunction : step.endpoint;
}

export function laterBy(run: StepRun, ms: number): StepOutcome {
  return { kind: 'later', at: new Date(run.clock.now().getTime() + ms) };
}
