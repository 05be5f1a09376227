import { expect, test } from 'vitest';
import type { Endpoint } from '../providers/provider.store.ts';
import { chooseCandidate, spread, type PastAttempt, type Situation } from './choose-candidate.ts';

const now = new Date('2026-01-15T04:00:00Z');
const endpoint = (ref: string, health: Partial<Endpoint['health']> = {}): Endpoint => ({
  ref,
  kind: 'runninghub',
  weight: 1,
  ratePerMinute: null,
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
    waitedMs: 0,
    seed: 0,
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
  ['nobody for longer, the longer it has waited', { isFull: () => true, waitedMs: 20_000 }, 'wait 5000'],
  ['the next when a vendor says it is full', { attempts: [past('a', 'busy')] }, 'call b'],
  [
    'nobody for half a minute when all vendors say so, which uses up no try',
    { attempts: [past('a', 'busy'), past('b', 'busy')] },
    'wait 30000',
  ],
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

const firsts = (endpoints: readonly Endpoint[]): Record<string, number> => {
  const counts: Record<string, number> = {};
  for (let seed = 0; seed < 100; seed++) {
    const ref = spread(endpoints, seed)[0]?.ref ?? '';
    counts[ref] = (counts[ref] ?? 0) + 1;
  }
  return counts;
};

test('neighbours of one kind with weights share the work by weight; nobody else leaves the order', () => {
  const heavy = (ref: string, weight: number): Endpoint => ({ ...endpoint(ref), weight });
  expect(firsts([heavy('a', 30), heavy('b', 70)])).toEqual({ a: 30, b: 70 });
  expect(firsts([endpoint('a'), heavy('b', 70)])).toEqual({ a: 100 });
  expect(spread([endpoint('a'), heavy('b', 2), heavy('c', 8)], 5).map(({ ref }) => ref)).toEqual(['a', 'c', 'b']);
});
