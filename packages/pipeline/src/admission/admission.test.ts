import type { RateLimitPolicy } from '@yunshang/contracts';
import { expect, test } from 'vitest';
import {
  type AdmissionRequest,
  decideAdmissions,
  type Decision,
  type MemberState,
  type Usage,
  type WantedTask,
  windowProbes,
} from './admission.ts';

const now = new Date('2026-05-01T12:00:00.000Z');
const ago = (seconds: number): Date => new Date(now.getTime() - seconds * 1000);

let count = 0;
function wantedTask(change: Partial<WantedTask> = {}): WantedTask {
  count += 1;
  return {
    taskId: `task-${count}`,
    chargeId: `charge-${count}`,
    input: {},
    retryOf: null,
    judge: () => undefined,
    ...change,
  };
}

function request(change: Partial<AdmissionRequest> = {}): AdmissionRequest {
  const task = wantedTask();
  return {
    userId: 'user',
    scope: 'tasks.create',
    batchId: null,
    idempotencyKey: `key-${count}`,
    requestHash: Buffer.from('one'),
    featureId: 'clean',
    quotaCost: 1,
    limits: null,
    formVersion: 1,
    pipelineVersion: 1,
    maxExecutionSeconds: 60,
    reservation: null,
    tasks: [task],
    ...change,
  };
}

const batch = (size: number, change: Partial<AdmissionRequest> = {}): AdmissionRequest =>
  request({
    scope: 'batches.create',
    batchId: 'batch',
    tasks: Array.from({ length: size }, () => wantedTask()),
    ...change,
  });

function member(quota: number, usage: Usage = { seq: 0, lastAt: undefined, at: new Map() }): MemberState {
  const grant = { id: 'grant', remaining: quota, expiresAt: new Date(now.getTime() + 1000) };
  return {
    userId: 'user',
    accountId: 'YS1',
    planLevel: 1,
    purse: { userId: 'user', balance: quota, ledgerSeq: 7, grants: [grant] },
    usage: new Map([['clean', usage]]),
    assets: new Map(),
    handled: new Map(),
  };
}

function outcome(decision: Decision | undefined): string {
  if (decision === undefined) return 'none';
  return decision.kind === 'refused' ? decision.refusal.code : decision.kind;
}

const limits = (change: Partial<RateLimitPolicy>): RateLimitPolicy => ({
  maxPerHour: 100,
  maxPerDay: 1000,
  cooldownSeconds: 0,
  ...change,
});

/** Uses at these seconds ago, oldest first, as the table numbers them. */
function used(...secondsAgo: number[]): Usage {
  return {
    seq: secondsAgo.length,
    lastAt: ago(secondsAgo.at(-1) ?? 0),
    at: new Map(secondsAgo.map((seconds, index) => [index + 1, ago(seconds)])),
  };
}

test('each request sees what the ones before it took, and the ledger is numbered without a gap', () => {
  const { decisions, purse } = decideAdmissions(member(2), [request(), request(), request()], now);
  expect(decisions.map(outcome)).toEqual(['accepted', 'accepted', 'QUOTA_INSUFFICIENT']);
  expect(
    decisions.flatMap((d) =>
      d.kind === 'accepted'
        ? d.tasks.map(({ charge, featureSeq }) => [charge.seq, charge.balanceBefore, charge.balanceAfter, featureSeq])
        : [],
    ),
  ).toEqual([
    [8, 2, 1, 1],
    [9, 1, 0, 2],
  ]);
  expect(purse).toMatchObject({ balance: 0, ledgerSeq: 9, grants: [{ remaining: 0 }] });
});

test('a refusal says what is missing', () => {
  const [decision] = decideAdmissions(member(3), [request({ quotaCost: 4 })], now).decisions;
  expect(decision).toMatchObject({
    kind: 'refused',
    refusal: { code: 'QUOTA_INSUFFICIENT', details: { required: 4, available: 3 } },
  });
});

test('a grant that has ended pays nothing, although the balance still holds it', () => {
  const before = member(5);
  const ended: MemberState = {
    ...before,
    purse: { ...before.purse, grants: [{ id: 'grant', remaining: 5, expiresAt: now }] },
  };
  expect(outcome(decideAdmissions(ended, [request()], now).decisions[0])).toBe('QUOTA_INSUFFICIENT');
});

test('the same key twice in one list is one task; with another request it is refused', () => {
  const first = request({ idempotencyKey: 'k' });
  const again = request({ idempotencyKey: 'k' });
  const other = request({ idempotencyKey: 'k', requestHash: Buffer.from('two') });
  const { decisions, purse } = decideAdmissions(member(5), [first, again, other], now);
  expect(decisions.map(outcome)).toEqual(['accepted', 'duplicate', 'IDEMPOTENCY_KEY_REUSED']);
  expect(decisions[1]).toMatchObject({ resourceId: first.tasks[0]?.taskId });
  expect(purse.balance).toBe(4);
});

test.each([
  ['the hour is full', [3599, 10], limits({ maxPerHour: 2 }), 'FEATURE_RATE_LIMITED'],
  ['one use has just left the hour', [3600, 10], limits({ maxPerHour: 2 }), 'accepted'],
  ['the day is full', [86_399, 4000], limits({ maxPerDay: 2 }), 'FEATURE_RATE_LIMITED'],
  ['one use has just left the day', [86_400, 4000], limits({ maxPerDay: 2 }), 'accepted'],
  ['it is cooling down', [59], limits({ cooldownSeconds: 60 }), 'FEATURE_COOLDOWN'],
  ['it has cooled down', [60], limits({ cooldownSeconds: 60 }), 'accepted'],
])('%s', (_sentence, secondsAgo, policy, wanted) => {
  expect(
    outcome(decideAdmissions(member(9, used(...secondsAgo)), [request({ limits: policy })], now).decisions[0]),
  ).toBe(wanted);
});

function decide(usage: Usage, policy: RateLimitPolicy): Decision | undefined {
  return decideAdmissions(member(9, usage), [request({ limits: policy })], now).decisions[0];
}

test('a limit says how long to wait', () => {
  expect(decide(used(3000, 10), limits({ maxPerHour: 2 }))).toMatchObject({
    refusal: { details: { limit: 'hour', retryAfterSeconds: 600 } },
  });
  expect(decide(used(15), limits({ cooldownSeconds: 60 }))).toMatchObject({
    refusal: { details: { retryAfterSeconds: 45 } },
  });
});

test('a list stops at the limit like requests one by one', () => {
  const policy = limits({ maxPerHour: 3 });
  const wishes = Array.from({ length: 5 }, () => request({ limits: policy }));
  const { decisions } = decideAdmissions(member(9, used(100)), wishes, now);
  expect(decisions.map(outcome)).toEqual([
    'accepted',
    'accepted',
    'FEATURE_RATE_LIMITED',
    'FEATURE_RATE_LIMITED',
    'FEATURE_RATE_LIMITED',
  ]);
});

test('the probes name just the uses a decision looks at', () => {
  expect(windowProbes({ seq: 1 }, limits({ maxPerHour: 10 }), 5)).toEqual([]);
  expect(windowProbes({ seq: 12 }, limits({ maxPerHour: 10 }), 3)).toEqual([3, 4, 5]);
});

test('a clock that steps back does not make uses run backwards', () => {
  const ahead = { seq: 1, lastAt: new Date(now.getTime() + 5000), at: new Map() };
  const [decision] = decideAdmissions(member(9, ahead), [request()], now).decisions;
  expect(decision).toMatchObject({ kind: 'accepted', at: ahead.lastAt });
});

test('a batch is admitted whole, each task with its own place in the ledger and in the feature', () => {
  const [decision] = decideAdmissions(member(50), [batch(50)], now).decisions;
  const tasks = decision?.kind === 'accepted' ? decision.tasks : [];
  expect(tasks.map(({ charge }) => charge.seq)).toEqual(Array.from({ length: 50 }, (_, index) => 8 + index));
  expect(tasks.at(-1)).toMatchObject({ featureSeq: 50, charge: { balanceAfter: 0 } });
});

test('a batch that quota does not cover takes nothing, and says what the whole needs', () => {
  const { decisions, purse, usage } = decideAdmissions(member(49), [batch(50), request()], now);
  expect(decisions[0]).toMatchObject({
    kind: 'refused',
    index: 49,
    refusal: { code: 'QUOTA_INSUFFICIENT', details: { required: 50, available: 49 } },
  });
  expect(decisions.map(outcome)).toEqual(['QUOTA_INSUFFICIENT', 'accepted']);
  expect([purse.balance, usage.get('clean')?.seq]).toEqual([48, 1]);
});

test('a batch over a window limit is refused whole, and names the first task over it', () => {
  const policy = limits({ maxPerHour: 3 });
  const [decision] = decideAdmissions(member(9, used(100)), [batch(3, { limits: policy })], now).decisions;
  expect(decision).toMatchObject({ kind: 'refused', index: 2, refusal: { code: 'FEATURE_RATE_LIMITED' } });
});

test('the cooldown lies between requests, and a batch is one of them', () => {
  const policy = limits({ cooldownSeconds: 60 });
  const wishes = [batch(5, { limits: policy }), batch(1, { limits: policy, idempotencyKey: 'other' })];
  expect(decideAdmissions(member(9), wishes, now).decisions.map(outcome)).toEqual(['accepted', 'FEATURE_COOLDOWN']);
});

test('one task that may not be refuses the batch', () => {
  const refusal = { code: 'FORM_INVALID', details: {} } as const;
  const tasks = [
    wantedTask(),
    wantedTask(),
    wantedTask({ judge: () => refusal }),
    wantedTask({ judge: () => refusal }),
  ];
  const { decisions, purse } = decideAdmissions(member(9), [batch(4, { tasks })], now);
  expect(decisions[0]).toMatchObject({ kind: 'refused', index: 2, refusal });
  expect(purse.balance).toBe(9);
});

test('a key means one thing for tasks and another for batches', () => {
  const wishes = [
    request({ idempotencyKey: 'k' }),
    batch(2, { idempotencyKey: 'k' }),
    batch(2, { idempotencyKey: 'k' }),
  ];
  expect(decideAdmissions(member(9), wishes, now).decisions.map(outcome)).toEqual([
    'accepted',
    'accepted',
    'duplicate',
  ]);
});
