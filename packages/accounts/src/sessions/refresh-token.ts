import { createHmac, timingSafeEqual } from 'node:crypto';
import type { SigningKey, SigningKeys } from '../keys.ts';

/** What a refresh token says: the how-manyth token of which session. */
export type RefreshClaim = { sessionId: string; generation: number };

const TOKEN = /^ysr_([0-9A-HJKMNP-TV-Z]{26})_([1-9]\d{0,8})_([A-Za-z0-9-]{1,16})_([A-Za-z0-9_-]{43})$/;

/**
 * `ysr_<sessionId>_<generation>_<keyId>_<mac>`. Derived, not drawn: asked twice for the same generation, every process
 * gives the same token, and none needs to be stored.
 */
export function deriveRefreshToken([key]: SigningKeys, claim: RefreshClaim): string {
  return `ysr_${claim.sessionId}_${claim.generation}_${key.id}_${macOf(key, claim).toString('base64url')}`;
}

/** What the token claims, when one of our keys made it. */
export function readRefreshToken(keys: SigningKeys, token: string): RefreshClaim | undefined {
  const match = TOKEN.exec(token);
  if (match === null) return undefined;
  const [, sessionId = '', generation = '', keyId = '', mac = ''] = match;
  const key = keys.find(({ id }) => id === keyId);
  const claim = { sessionId, generation: Number(generation) };
  if (key === undefined || !timingSafeEqual(Buffer.from(mac, 'base64url'), macOf(key, claim))) return undefined;
  return claim;
}

function macOf(key: SigningKey, { sessionId, generation }: RefreshClaim): Buffer {
  return createHmac('sha256', key.secret).update(`refresh|${sessionId}|${generation}`).digest();
}
