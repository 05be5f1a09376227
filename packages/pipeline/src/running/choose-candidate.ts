import type { ErrorCode, PipelineStep } from '@yunshang/contracts';
import { breakerOf } from '../providers/health.ts';
import { NOT_CUT_OUT } from '../providers/provider.ts';
import type { Endpoint } from '../providers/provider.store.ts';
import type { AttemptRow } from './attempt.store.ts';

/** Our own trouble, not the provider's: such attempts do not use up its tries. */
export const INTERRUPTED = 'interrupted';
export const STORAGE_UNAVAILABLE = 'storage_unavailable';
/** A picture that takes the worker down with it must not do so for ever. */
const MAX_INTERRUPTIONS = 2;
/** A provider that is full is asked again after this. */
const FULL_PAUSE_MS = 1_000;

export type PastAttempt = Pick<AttemptRow, 'provider_ref' | 'status' | 'error_code' | 'finished_at'>;

export type Situation = {
  /** In order of preference; only those that can be called at all. */
  endpoints: readonly Endpoint[];
  attempts: readonly PastAttempt[];
  retry: PipelineStep['retry'];
  isFull: (endpoint: Endpoint) => boolean;
  now: Date;
};

export type Choice =
  | { kind: 'call'; endpoint: Endpoint; halfOpen: boolean }
  | { kind: 'wait'; until: Date }
  | { kind: 'none'; code: ErrorCode };

/**
 * Who is to be called next: the first in order among those tried least, skipping those that are down or full. Waits when the
 * only ones left are full or between two tries; gives up when nobody is left.
 */
export function chooseCandidate(situation: Situation): Choice {
  const { attempts, retry, now } = situation;
  const waits: Date[] = [];
  const inOrder = situation.endpoints
    .map((endpoint) => ({ endpoint, own: attempts.filter((attempt) => attempt.provider_ref === endpoint.ref) }))
    .filter(({ own }) => triesUsed(own) < retry.maxAttempts)
    .sort((a, b) => a.own.length - b.own.length);
  for (const { endpoint, own } of inOrder) {
    const breaker = breakerOf(endpoint.health, now);
    if (breaker === 'open') continue;
    const due = dueAt(own, retry);
    if (due > now) waits.push(due);
    else if (situation.isFull(endpoint)) waits.push(new Date(now.getTime() + FULL_PAUSE_MS));
    else return { kind: 'call', endpoint, halfOpen: breaker === 'half_open' };
  }
  const until = waits.sort((a, b) => a.getTime() - b.getTime())[0];
  return until === undefined ? { kind: 'none', code: verdictOf(attempts) } : { kind: 'wait', until };
}

function triesUsed(own: readonly PastAttempt[]): number {
  const interruptions = own.filter((attempt) => attempt.error_code === INTERRUPTED).length;
  const ours = own.filter((attempt) => attempt.error_code === STORAGE_UNAVAILABLE).length;
  return own.length - ours - Math.min(interruptions, MAX_INTERRUPTIONS);
}

function dueAt(own: readonly PastAttempt[], retry: PipelineStep['retry']): Date {
  const last = own.at(-1)?.finished_at;
  const tries = triesUsed(own);
  if (last === undefined || last === null || tries === 0) return new Date(0);
  const factor = retry.backoff === 'exponential' ? 2 ** (tries - 1) : 1;
  return new Date(last.getTime() + retry.delaySeconds * factor * 1000);
}

/** The member's picture is to blame only when everybody who looked at it said so. */
function verdictOf(attempts: readonly PastAttempt[]): ErrorCode {
  const notCutOut = attempts.length > 0 && attempts.every((attempt) => attempt.error_code === NOT_CUT_OUT);
  return notCutOut ? 'IMAGE_NOT_CUT_OUT' : 'PROVIDER_FAILED';
}
