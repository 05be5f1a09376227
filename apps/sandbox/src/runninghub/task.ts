import type { Fault, FaultBoard, FaultOf, FaultTarget } from '../faults.ts';

export type FailedReason = {
  node_id: string;
  node_name: string;
  exception_type: string;
  exception_message: string;
  traceback: string;
  current_inputs: Record<string, unknown>;
  current_outputs: Record<string, unknown>;
};

export type TaskState =
  | { name: 'QUEUED' }
  | { name: 'RUNNING' }
  | { name: 'SUCCESS'; endedAt: Date }
  | { name: 'FAILED'; endedAt: Date; reason: FailedReason };

/** Money in yuan or coins, as decimal text. */
export type Usage = { consumeMoney: string | null; consumeCoins: string | null };

export type WebhookTry = { at: string; attempt: number; kind: string; status: number | null };

/** What is made: twelve pictures of one garment, or one film of it. */
export type Product = 'pose' | 'video';

export type Task = {
  /** 19 digits. */
  id: string;
  account: 'a' | 'b';
  product: Product;
  ids: Readonly<Record<string, string>>;
  photo: Buffer;
  webhookUrl: string | undefined;
  /** Where its results are fetched: scheme, host and port as the caller reached us. */
  origin: string;
  /** What makes the results' address unguessable. */
  resultToken: string;
  createdAt: Date;
  state: TaskState;
  cancelRequested: boolean;
  /** Faults taken for it when it was created. */
  bent: Fault[];
  /** What it is said to have used in place of the usual, also when it failed. */
  usage?: Usage;
  /** It is no longer found. */
  isForgotten?: boolean;
  webhooks: WebhookTry[];
};

/** Faults that wait for a task to be created. */
const TASK_KINDS = [
  'number_ids',
  'work',
  'task_failed',
  'legacy_running',
  'empty_result',
  'wrong_count',
  'corrupt_picture',
  'result_url',
  'result_redirect',
  'result_expired',
  'result_trickle',
  'webhook_never',
  'webhook_early',
  'webhook_late',
  'webhook_duplicate',
  'webhook_forged',
] as const;
type TaskFaultKind = (typeof TASK_KINDS)[number];

/** At most one fault of each kind. */
export function takeTaskFaults(faults: FaultBoard, target: FaultTarget): Fault[] {
  return TASK_KINDS.flatMap((kind) => faults.take(target, [kind]) ?? []);
}

/** The task's fault of that kind, if it has one. */
export function bentBy<K extends TaskFaultKind>(task: Task, kind: K): FaultOf<K> | undefined {
  return task.bent.find((fault): fault is FaultOf<K> => fault.kind === kind);
}

export function isOver(task: Task): boolean {
  return task.state.name === 'SUCCESS' || task.state.name === 'FAILED';
}

export function failedReason(type: string, message: string): FailedReason {
  return {
    node_id: '90',
    node_name: 'KSampler',
    exception_type: type,
    exception_message: message,
    traceback: '[]',
    current_inputs: {},
    current_outputs: {},
  };
}
