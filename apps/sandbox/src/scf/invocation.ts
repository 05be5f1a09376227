import { isRecord } from '../http.ts';
import type { Fault, FaultBoard, FaultOf, FaultTarget } from '../faults.ts';

export type CallbackTry = { at: string; kind: string; status: number | null };

export type InvocationState = 'waiting' | 'running' | 'succeeded' | 'failed';

/** One accepted call of a function, with all its runs. */
export type Invocation = {
  /** The vendor's own id of it. */
  requestId: string;
  ids: Readonly<Record<string, string>>;
  mode: 'Event' | 'RequestResponse';
  state: InvocationState;
  runs: number;
  /** Why the last run failed. */
  message: string | null;
  startedAt: Date | null;
  callbacks: CallbackTry[];
  /** Where the function's callback is handed on to; null when the event names none. */
  callbackUrl: string | null;
  /** Faults taken for it when it was accepted; those of a callback are taken out when they are used. */
  bent: Fault[];
};

const RUN_KINDS = ['never_started', 'start_late', 'killed', 'function_error', 'duplicate'] as const;
const CALLBACK_KINDS = [
  'callback_lost',
  'callback_late',
  'callback_duplicate',
  'callback_tampered',
  'callback_bad_signature',
] as const;
type InvocationFaultKind = (typeof RUN_KINDS)[number];
export type CallbackFault = FaultOf<(typeof CALLBACK_KINDS)[number]>;

/** At most one fault of each kind. */
export function takeInvocationFaults(faults: FaultBoard, target: FaultTarget): Fault[] {
  return [...RUN_KINDS, ...CALLBACK_KINDS].flatMap((kind) => faults.take(target, [kind]) ?? []);
}

export function bentBy<K extends InvocationFaultKind>(invocation: Invocation, kind: K): FaultOf<K> | undefined {
  return invocation.bent.find((fault): fault is FaultOf<K> => fault.kind === kind);
}

/** The next fault for a callback of this invocation, used up. */
export function takeCallbackFault(invocation: Invocation): CallbackFault | undefined {
  const fault = invocation.bent.find((candidate): candidate is CallbackFault =>
    CALLBACK_KINDS.some((kind) => kind === candidate.kind),
  );
  if (fault !== undefined) invocation.bent = invocation.bent.filter((other) => other.id !== fault.id);
  return fault;
}

/** What a pipeline's event names itself by. */
export function idsOfEvent(event: unknown): Record<string, string> {
  if (!isRecord(event)) return {};
  const { jobId, taskId } = event;
  return { ...(typeof jobId === 'string' ? { jobId } : {}), ...(typeof taskId === 'string' ? { taskId } : {}) };
}

/** The event's callback address, and the event with another in its place. */
export function redirectCallback(
  event: unknown,
  addressFor: (path: string) => string,
): { event: unknown; url: string | null } {
  if (!isRecord(event) || !isRecord(event['callback'])) return { event, url: null };
  const { url, path } = event['callback'];
  if (typeof url !== 'string' || typeof path !== 'string') return { event, url: null };
  return { event: { ...event, callback: { ...event['callback'], url: addressFor(path) } }, url };
}
