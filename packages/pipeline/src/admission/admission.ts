import type { ErrorCode, ErrorDetails, RateLimitPolicy, Task } from '@yunshang/contracts';
import { chargePurse, type PlannedCharge, type Purse, type Reservation, spendable } from '@yunshang/billing';

/** What the first answer to a key is kept for. */
export type AdmissionScope = 'tasks.create' | 'batches.create';

/** One task somebody asks for; everything that can be judged without the member's rows has been judged. */
export type WantedTask = {
  readonly taskId: string;
  readonly chargeId: string;
  readonly input: Task['input'];
  /** The failed task that this one is done in place of. */
  readonly retryOf: string | null;
  /** Judges what only the locked rows can tell: membership, plan level, whitelist, ownership of the pictures. */
  readonly judge: (member: MemberState) => Refusal | undefined;
};

/** One task or a batch of one feature, asked for under one key: all of it or nothing. */
export type AdmissionRequest = {
  readonly userId: string;
  readonly scope: AdmissionScope;
  readonly idempotencyKey: string;
  readonly requestHash: Buffer;
  /** Null for a task by itself. */
  readonly batchId: string | null;
  readonly featureId: string;
  readonly quotaCost: number;
  readonly limits: RateLimitPolicy | null;
  readonly formVersion: number;
  readonly pipelineVersion: number;
  /** Seconds from now to the tasks' deadline. */
  readonly maxExecutionSeconds: number;
  /** What each task asks of the weekly budgets; null while there are none. */
  readonly reservation: Reservation | null;
  /** At least one. */
  readonly tasks: readonly WantedTask[];
};

export type Refusal = { readonly code: ErrorCode; readonly details: ErrorDetails };

export type AssetRow = {
  readonly id: string;
  readonly userId: string;
  readonly kind: string;
  readonly status: string;
  readonly contentType: string;
  readonly bytes: number;
  readonly width: number | null;
  readonly height: number | null;
  readonly durationMs: number | null;
};

/** Uses of one feature: `seq` so far, the time of the last, and the times of those uses that the window limits ask about. */
export type Usage = { readonly seq: number; readonly lastAt: Date | undefined; readonly at: ReadonlyMap<number, Date> };

export type MemberState = {
  readonly userId: string;
  readonly accountId: string;
  /** Level of the membership period in force, null without one. */
  readonly planLevel: number | null;
  readonly purse: Purse;
  /** By feature. */
  readonly usage: ReadonlyMap<string, Usage>;
  /** Pictures named by the requests, whoever owns them. */
  readonly assets: ReadonlyMap<string, AssetRow>;
  /** By handledKey: what was first asked for under it, and the task or batch that came of it. */
  readonly handled: ReadonlyMap<string, Handled>;
};

export type Handled = { readonly requestHash: Buffer; readonly resourceId: string };

/** Where a request is found in `handled`. */
export function handledKey(request: { scope: string; idempotencyKey: string }): string {
  return `${request.scope} ${request.idempotencyKey}`;
}

export type AdmittedTask = { readonly wanted: WantedTask; readonly charge: PlannedCharge; readonly featureSeq: number };

export type Decision =
  | {
      readonly kind: 'accepted';
      readonly request: AdmissionRequest;
      readonly tasks: readonly AdmittedTask[];
      readonly at: Date;
      /** The plan's level. */
      readonly priority: number;
    }
  | { readonly kind: 'duplicate'; readonly request: AdmissionRequest; readonly resourceId: string }
  /** `index` is that of the first task that can not be. */
  | { readonly kind: 'refused'; readonly request: AdmissionRequest; readonly refusal: Refusal; readonly index: number };

const HOUR_MS = 3_600_000;
const DAY_MS = 86_400_000;

const NO_USE: Usage = { seq: 0, lastAt: undefined, at: new Map() };

/**
 * Sequence numbers whose times a decision on `count` more uses may ask for: the use N before each new one, for the hour
 * and the day. Uses are numbered without gaps, so "N in the last hour" is one look at the use N back.
 */
export function windowProbes(usage: { seq: number }, limits: RateLimitPolicy, count: number): number[] {
  const probes = new Set<number>();
  for (const limit of [limits.maxPerHour, limits.maxPerDay])
    for (let k = 1; k <= count; k += 1) {
      const seq = usage.seq + k - limit;
      if (seq > 0 && seq <= usage.seq) probes.add(seq);
    }
  return [...probes];
}

function secondsUntil(at: number, now: Date): number {
  return Math.max(1, Math.ceil((at - now.getTime()) / 1000));
}

function overWindow(
  usage: Usage,
  limit: { name: string; count: number; windowMs: number },
  now: Date,
): Refusal | undefined {
  const earliest = usage.at.get(usage.seq + 1 - limit.count);
  if (earliest === undefined) return undefined;
  const freeAt = earliest.getTime() + limit.windowMs;
  if (freeAt <= now.getTime()) return undefined;
  return { code: 'FEATURE_RATE_LIMITED', details: { limit: limit.name, retryAfterSeconds: secondsUntil(freeAt, now) } };
}

/** Whether one more use now breaks the policy. The windows slide: a use counts for exactly an hour and a day. */
export function limitRefusal(usage: Usage, limits: RateLimitPolicy | null, now: Date): Refusal | undefined {
  if (limits === null) return undefined;
  if (usage.lastAt !== undefined && limits.cooldownSeconds > 0) {
    const freeAt = usage.lastAt.getTime() + limits.cooldownSeconds * 1000;
    if (freeAt > now.getTime())
      return { code: 'FEATURE_COOLDOWN', details: { retryAfterSeconds: secondsUntil(freeAt, now) } };
  }
  return (
    overWindow(usage, { name: 'hour', count: limits.maxPerHour, windowMs: HOUR_MS }, now) ??
    overWindow(usage, { name: 'day', count: limits.maxPerDay, windowMs: DAY_MS }, now)
  );
}

type Running = { readonly purse: Purse; readonly usage: Usage };

/** One more task of the request's feature, on top of what `running` holds; `isFirst` of its request. */
function admitTask(
  request: AdmissionRequest,
  wanted: WantedTask,
  { running, isFirst, now }: { running: Running; isFirst: boolean; now: Date },
): { admitted: AdmittedTask; running: Running } | Refusal {
  // The cooldown lies between requests: a batch is one.
  const limits = request.limits === null || isFirst ? request.limits : { ...request.limits, cooldownSeconds: 0 };
  const limited = limitRefusal(running.usage, limits, now);
  if (limited !== undefined) return limited;
  const { chargeId, taskId } = wanted;
  const paid = chargePurse(running.purse, { chargeId, taskId, amount: request.quotaCost }, now);
  if (paid === undefined) return { code: 'QUOTA_INSUFFICIENT', details: {} };
  // A clock that steps back must not make uses run backwards in time.
  const at = atLeast(running.usage.lastAt, now);
  const featureSeq = running.usage.seq + 1;
  const usage = { seq: featureSeq, lastAt: at, at: new Map([...running.usage.at, [featureSeq, at]]) };
  return { admitted: { wanted, charge: paid.charge, featureSeq }, running: { purse: paid.purse, usage } };
}

function atLeast(earliest: Date | undefined, now: Date): Date {
  return earliest !== undefined && earliest > now ? earliest : now;
}

/** All of the request's tasks, or the first that can not be. */
function admitAll(
  request: AdmissionRequest,
  member: MemberState,
  { running: before, now }: { running: Running; now: Date },
): { tasks: AdmittedTask[]; running: Running } | { refusal: Refusal; index: number } {
  const tasks: AdmittedTask[] = [];
  let running = before;
  for (const [index, wanted] of request.tasks.entries()) {
    const refusal = wanted.judge(member);
    if (refusal !== undefined) return { refusal, index };
    const step = admitTask(request, wanted, { running, isFirst: index === 0, now });
    if ('code' in step) {
      if (step.code !== 'QUOTA_INSUFFICIENT') return { refusal: step, index };
      const details = { required: request.quotaCost * request.tasks.length, available: spendable(before.purse, now) };
      return { refusal: { ...step, details }, index };
    }
    tasks.push(step.admitted);
    running = step.running;
  }
  return { tasks, running };
}

type Books = { purse: Purse; usage: Map<string, Usage>; handled: Map<string, Handled> };

function decideOne(request: AdmissionRequest, member: MemberState, books: Books, now: Date): Decision {
  const earlier = books.handled.get(handledKey(request));
  if (earlier !== undefined)
    return earlier.requestHash.equals(request.requestHash)
      ? { kind: 'duplicate', request, resourceId: earlier.resourceId }
      : { kind: 'refused', request, refusal: { code: 'IDEMPOTENCY_KEY_REUSED', details: {} }, index: 0 };
  const usage = books.usage.get(request.featureId) ?? NO_USE;
  const outcome = admitAll(request, member, { running: { purse: books.purse, usage }, now });
  if ('refusal' in outcome) return { kind: 'refused', request, ...outcome };
  books.purse = outcome.running.purse;
  books.usage.set(request.featureId, outcome.running.usage);
  const resourceId = request.batchId ?? outcome.tasks[0]?.wanted.taskId ?? '';
  books.handled.set(handledKey(request), { requestHash: request.requestHash, resourceId });
  return {
    kind: 'accepted',
    request,
    tasks: outcome.tasks,
    at: atLeast(usage.lastAt, now),
    priority: member.planLevel ?? 0,
  };
}

/**
 * Decides one member's requests in the order they came; each sees what the ones before it took. Pure: the caller holds the
 * lock on the member's row and writes the outcome.
 */
export function decideAdmissions(
  member: MemberState,
  requests: readonly AdmissionRequest[],
  now: Date,
): { decisions: Decision[]; purse: Purse; usage: ReadonlyMap<string, Usage> } {
  const books: Books = { purse: member.purse, usage: new Map(member.usage), handled: new Map(member.handled) };
  const decisions = requests.map((request) => decideOne(request, member, books, now));
  return { decisions, purse: books.purse, usage: books.usage };
}
