import type { ErrorCode, PipelineStep } from '@yunshang/contracts';
import { breakerOf } from '../providers/health.ts';
import { BUSY, NOT_CUT_OUT } from '../providers/provider.ts';
import type { Endpoint } from '../providers/provider.store.ts';
import type { AttemptRow } from './attempt.store.ts';

/** Our own trouble, not the provider's: such attempts do not use up its tries. */
export const INTERRUPTED = 'interrupted';
export const STORAGE_UNAVAILABLE = 'storage_unavailable';
/** A picture that takes the worker down with it must not do so for ever. */
const MAX_INTERRUPTIONS = 2;
/** A provider that is full is asked again after this; the longer a task has waited, the more rarely. */
const FULL_PAUSE_MS = 1_000;
const LONGEST_FULL_PAUSE_MS = 15_000;
/** A vendor that said it is full says so for a while. */
const BUSY_PAUSE_MS = 30_000;

export type PastAttempt = Pick<AttemptRow, 'provider_ref' | 'status' | 'error_code' | 'finished_at'>;

export type Situation = {
  /** In order of preference; only those that can be called at all. */
  endpoints: readonly Endpoint[];
  attempts: readonly PastAttempt[];
  retry: PipelineStep['retry'];
  isFull: (endpoint: Endpoint) => boolean;
  /** For how long the step has waited. */
  waitedMs: number;
  /** The same for the same step of a task, anything else for another: who is first among equals. */
  seed: number;
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
  const inOrder = spread(situation.endpoints, situation.seed)
    .map((endpoint) => ({ endpoint, own: attempts.filter((attempt) => attempt.provider_ref === endpoint.ref) }))
    .filter(({ own }) => triesUsed(own) < retry.maxAttempts)
    .sort((a, b) => a.own.length - b.own.length);
  for (const { endpoint, own } of inOrder) {
    const breaker = breakerOf(endpoint.health, now);
    if (breaker === 'open') continue;
    const due = dueAt(own, retry);
    if (due > now) waits.push(due);
    else if (situation.isFull(endpoint)) waits.push(new Date(now.getTime() + fullPauseMs(situation.waitedMs)));
    else return { kind: 'call', endpoint, halfOpen: breaker === 'half_open' };
  }
  const until = waits.sort((a, b) => a.getTime() - b.getTime())[0];
  return until === undefined ? { kind: 'none', code: verdictOf(attempts) } : { kind: 'wait', until };
}

/**
 * Neighbours in the list of the same kind whose weights are both above 1 stand equal and share the work by weight; everybody else
 * is asked in the order written.
 */
export function spread(endpoints: readonly Endpoint[], seed: number): Endpoint[] {
  const groups: Endpoint[][] = [];
  for (const endpoint of endpoints) {
    const last = groups.at(-1);
    const neighbour = last?.at(-1);
    if (last !== undefined && neighbour?.kind === endpoint.kind && neighbour.weight > 1 && endpoint.weight > 1)
      last.push(endpoint);
    else groups.push([endpoint]);
  }
  return groups.flatMap((group) => firstByWeight(group, seed));
}

function firstByWeight(group: readonly Endpoint[], seed: number): Endpoint[] {
  let left = seed % group.reduce((sum, { weight }) => sum + weight, 0);
  const first = group.find(({ weight }) => (left -= weight) < 0);
  return first === undefined ? [...group] : [first, ...group.filter((endpoint) => endpoint !== first)];
}

function fullPauseMs(waitedMs: number): number {
  return Math.min(Math.max(FULL_PAUSE_MS, Math.trunc(waitedMs / 4)), LONGEST_FULL_PAUSE_MS);
}

function triesUsed(own: readonly PastAttempt[]): number {
  const interruptions = own.filter((attempt) => attempt.error_code === INTERRUPTED).length;
  const ours = own.filter(
    (attempt) => attempt.error_code === STORAGE_UNAVAILABLE || attempt.error_code === BUSY,
  ).length;
  return own.length - ours - Math.min(interruptions, MAX_INTERRUPTIONS);
}

function dueAt(own: readonly PastAttempt[], retry: PipelineStep['retry']): Date {
  const last = own.at(-1)?.finished_at;
  const tries = triesUsed(own);
  if (last === undefined || last === null) return new Date(0);
  if (own.at(-1)?.error_code === BUSY) return new Date(last.getTime() + BUSY_PAUSE_MS);
  if (tries === 0) return new Date(0);
  const factor = retry.backoff === 'exponential' ? 2 ** (tries - 1) : 1;
  return new Date(last.getTime() + retry.delaySeconds * factor * 1000);
}

/** The member's picture is to blame only when everybody who looked at it said so. */
function verdictOf(attempts: readonly PastAttempt[]): ErrorCode {
  const notCutOut = attempts.length > 0 && attempts.every((attempt) => attempt.error_code === NOT_CUT_OUT);
  return notCutOut ? 'IMAGE_NOT_CUT_OUT' : 'PROVIDER_FAILED';
}
