import type { ErrorCode, ErrorDetails, RateLimitPolicy, Task } from '@yunshang/contracts';
import { chargePurse, type PlannedCharge, type Purse, spendable } from '@yunshang/billing';

/** One task somebody asks for; everything that can be judged without the member's rows has been judged. */
export type AdmissionRequest = {
  readonly taskId: string;
  readonly chargeId: string;
  readonly userId: string;
  readonly idempotencyKey: string;
  readonly requestHash: Buffer;
  readonly featureId: string;
  readonly quotaCost: number;
  readonly limits: RateLimitPolicy | null;
  readonly formVersion: number;
  readonly pipelineVersion: number;
  /** Seconds from now to the task's deadline. */
  readonly maxExecutionSeconds: number;
  readonly input: Task['input'];
  /** Judges what only the locked rows can tell: membership, plan level, whitelist, ownership of the pictures. */
  readonly judge: (member: MemberState) => Refusal | undefined;
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
  /** By idempotency key: what was first asked for under it. */
  readonly handled: ReadonlyMap<string, { requestHash: Buffer; taskId: string }>;
};

export type Decision =
  | {
      readonly kind: 'accepted';
      readonly request: AdmissionRequest;
      readonly charge: PlannedCharge;
      readonly featureSeq: number;
      readonly at: Date;
    }
  | { readonly kind: 'duplicate'; readonly request: AdmissionRequest; readonly taskId: string }
  | { readonly kind: 'refused'; readonly request: AdmissionRequest; readonly refusal: Refusal };

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

function refused(request: AdmissionRequest, refusal: Refusal): Decision {
  return { kind: 'refused', request, refusal };
}

type Running = {
  purse: Purse;
  usage: Map<string, Usage>;
  handled: Map<string, { requestHash: Buffer; taskId: string }>;
};

function decideOne(request: AdmissionRequest, member: MemberState, running: Running, now: Date): Decision {
  const earlier = running.handled.get(request.idempotencyKey);
  if (earlier !== undefined)
    return earlier.requestHash.equals(request.requestHash)
      ? { kind: 'duplicate', request, taskId: earlier.taskId }
      : refused(request, { code: 'IDEMPOTENCY_KEY_REUSED', details: {} });
  const refusal = request.judge(member);
  if (refusal !== undefined) return refused(request, refusal);
  const usage = running.usage.get(request.featureId) ?? NO_USE;
  const limited = limitRefusal(usage, request.limits, now);
  if (limited !== undefined) return refused(request, limited);
  const paid = chargePurse(
    running.purse,
    { chargeId: request.chargeId, taskId: request.taskId, amount: request.quotaCost },
    now,
  );
  if (paid === undefined)
    return refused(request, {
      code: 'QUOTA_INSUFFICIENT',
      details: { required: request.quotaCost, available: spendable(running.purse, now) },
    });
  // A clock that steps back must not make uses run backwards in time.
  const at = usage.lastAt !== undefined && usage.lastAt > now ? usage.lastAt : now;
  const featureSeq = usage.seq + 1;
  running.purse = paid.purse;
  running.usage.set(request.featureId, { seq: featureSeq, lastAt: at, at: new Map([...usage.at, [featureSeq, at]]) });
  running.handled.set(request.idempotencyKey, { requestHash: request.requestHash, taskId: request.taskId });
  return { kind: 'accepted', request, charge: paid.charge, featureSeq, at };
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
  const running: Running = { purse: member.purse, usage: new Map(member.usage), handled: new Map(member.handled) };
  const decisions = requests.map((request) => decideOne(request, member, running, now));
  return { decisions, purse: running.purse, usage: running.usage };
}
