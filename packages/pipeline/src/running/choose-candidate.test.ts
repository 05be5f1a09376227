import { expect, test } from 'vitest';
import type { Endpoint } from '../providers/provider.store.ts';
import { chooseCandidate, type PastAttempt, type Situation } from './choose-candidate.ts';

const now = new Date('2026-01-15T04:00:00Z');
const endpoint = (ref: string, health: Partial<Endpoint['health']> = {}): Endpoint => ({
  ref,
  timeoutSeconds: 20,
  maxConcurrency: 2,
  unitCostMicroYuan: 1,
  health: { status: 'up', consecutiveFailures: 0, probeAfter: null, ...health },
});
const past = (ref: string, code: string, finishedAt = now): PastAttempt => ({
  provider_ref: ref,
  status: 'failed',
  error_code: code,
  finished_at: finishedAt,
});
const choose = (situation: Partial<Situation>): string => {
  const choice = chooseCandidate({
    endpoints: [endpoint('a'), endpoint('b')],
    attempts: [],
    retry: { maxAttempts: 1, delaySeconds: 0, backoff: 'fixed' },
    isFull: () => false,
    now,
    ...situation,
  });
  if (choice.kind === 'call') return `call ${choice.endpoint.ref}${choice.halfOpen ? ' half open' : ''}`;
  if (choice.kind === 'wait') return `wait ${choice.until.getTime() - now.getTime()}`;
  return choice.code;
};
const down = { status: 'down', consecutiveFailures: 3 } as const;
const later = new Date(now.getTime() + 1);
const twice = { maxAttempts: 2, delaySeconds: 5, backoff: 'fixed' } as const;

test.each([
  ['the first in order', {}, 'call a'],
  ['the next after a failure', { attempts: [past('a', 'http_500')] }, 'call b'],
  [
    'the next while the first is down',
    { endpoints: [endpoint('a', { ...down, probeAfter: later }), endpoint('b')] },
    'call b',
  ],
  [
    'the first again once its pause is over',
    { endpoints: [endpoint('a', { ...down, probeAfter: now }), endpoint('b')] },
    'call a half open',
  ],
  ['the next while the first is full', { isFull: (e) => e.ref === 'a' }, 'call b'],
  ['nobody yet while all are full', { isFull: () => true }, 'wait 1000'],
  ['nobody once all have failed', { attempts: [past('a', 'http_500'), past('b', 'not_cut_out')] }, 'PROVIDER_FAILED'],
  [
    'nobody once all say it can not be cut out',
    { attempts: [past('a', 'not_cut_out'), past('b', 'not_cut_out')] },
    'IMAGE_NOT_CUT_OUT',
  ],
  ['nobody when there is none', { endpoints: [] }, 'PROVIDER_FAILED'],
  ['each once before anyone twice', { retry: twice, attempts: [past('a', 'http_500')] }, 'call b'],
  ['nobody before the pause is over', { retry: twice, attempts: [past('a', 'x'), past('b', 'x')] }, 'wait 5000'],
  [
    'longer pauses each time, when so asked',
    {
      endpoints: [endpoint('a')],
      retry: { maxAttempts: 3, delaySeconds: 5, backoff: 'exponential' },
      attempts: [past('a', 'x'), past('a', 'x')],
    },
    'wait 10000',
  ],
  [
    'the same again when our worker died',
    { endpoints: [endpoint('a')], attempts: [past('a', 'interrupted')] },
    'call a',
  ],
  [
    'nobody when our worker keeps dying',
    { endpoints: [endpoint('a')], attempts: Array.from({ length: 3 }, () => past('a', 'interrupted')) },
    'PROVIDER_FAILED',
  ],
  [
    'the same again, as often as our storage was away',
    { endpoints: [endpoint('a')], attempts: Array.from({ length: 9 }, () => past('a', 'storage_unavailable')) },
    'call a',
  ],
] satisfies [string, Partial<Situation>, string][])('calls %s', (_whom, situation, choice) => {
  expect(choose(situation)).toBe(choice);
});
