import { createHash } from 'node:crypto';

/** An attempt that has not answered after this long is taken to have died: a vendor call and two commits fit well within. */
export const ATTEMPT_MS = 30_000;

/** What the table holds for a key. `answer` is null until an attempt has ended well. */
export type KeptRequest = { requestHash: Buffer; resourceId: string; answer: unknown; startedAt: Date };

/** What to do with a request whose key has been used. */
export type Replay =
  | { kind: 'answered'; answer: unknown }
  | { kind: 'resume'; resourceId: string; startedAt: Date }
  | { kind: 'in_flight'; retryAfterSeconds: number }
  | { kind: 'other_request' };

/** Judges a second request with the same key. */
export function judgeReplay(kept: KeptRequest, request: { hash: Buffer; now: Date }): Replay {
  if (!kept.requestHash.equals(request.hash)) return { kind: 'other_request' };
  if (kept.answer !== null) return { kind: 'answered', answer: kept.answer };
  const leftMs = kept.startedAt.getTime() + ATTEMPT_MS - request.now.getTime();
  if (leftMs > 0) return { kind: 'in_flight', retryAfterSeconds: Math.ceil(leftMs / 1000) };
  return { kind: 'resume', resourceId: kept.resourceId, startedAt: kept.startedAt };
}

/** SHA-256 of a request's fields in a fixed order. */
export function hashRequest(fields: readonly string[]): Buffer {
  return createHash('sha256').update(JSON.stringify(fields)).digest();
}
