import { createSecretKey, type KeyObject } from 'node:crypto';
import { AppError } from '@yunshang/contracts';
import { errors, jwtVerify, SignJWT, type JWTHeaderParameters } from 'jose';
import { LRUCache } from 'lru-cache';
import type { SigningKeys } from '../keys.ts';

export type AccessClaims = { userId: string; sessionId: string; expiresAtMs: number };

export type AccessTokens = {
  sign(who: { userId: string; sessionId: string }, now: Date): Promise<string>;
  /** Throws TOKEN_EXPIRED for a token of ours whose time is over, UNAUTHENTICATED for anything else. */
  verify(token: string, now: Date): Promise<AccessClaims>;
};

const ALGORITHM = 'HS256';
/** RFC 9068: an access token, and nothing that another purpose made. */
const TYPE = 'at+jwt';
const ISSUER = 'yunshang';
const AUDIENCE = 'yunshang-api';
/** Ours are about 300 characters; nothing longer is worth a signature check. */
const MAX_LENGTH = 1_024;
/** Tokens remembered as verified: a signature is checked once, the expiry at every use. About 500 bytes each. */
const REMEMBERED = 10_000;

export function createAccessTokens(keys: SigningKeys, ttlSeconds: number): AccessTokens {
  const byId = new Map(keys.map(({ id, secret }) => [id, createSecretKey(secret)]));
  const remembered = new LRUCache<string, AccessClaims>({ max: REMEMBERED });
  return {
    sign: (who, now) => sign(who, { kid: keys[0].id, key: keyOf(byId, { kid: keys[0].id }), ttlSeconds, now }),
    async verify(token, now) {
      let claims = remembered.get(token);
      if (claims === undefined) {
        claims = await verify(token, (header) => keyOf(byId, header), now);
        remembered.set(token, claims);
      }
      if (claims.expiresAtMs <= now.getTime()) throw new AppError('TOKEN_EXPIRED');
      return claims;
    },
  };
}

async function sign(
  who: { userId: string; sessionId: string },
  by: { kid: string; key: KeyObject; ttlSeconds: number; now: Date },
): Promise<string> {
  const issuedAt = Math.floor(by.now.getTime() / 1_000);
  return new SignJWT({ sid: who.sessionId })
    .setProtectedHeader({ alg: ALGORITHM, typ: TYPE, kid: by.kid })
    .setSubject(who.userId)
    .setIssuer(ISSUER)
    .setAudience(AUDIENCE)
    .setIssuedAt(issuedAt)
    .setExpirationTime(issuedAt + by.ttlSeconds)
    .sign(by.key);
}

/** The errors of jose are not passed on as causes: they carry the token's content. */
async function verify(
  token: string,
  keyFor: (header: JWTHeaderParameters) => KeyObject,
  now: Date,
): Promise<AccessClaims> {
  if (token.length > MAX_LENGTH) throw new AppError('UNAUTHENTICATED');
  const verified = await jwtVerify<{ sid?: unknown }>(token, keyFor, {
    algorithms: [ALGORITHM],
    typ: TYPE,
    issuer: ISSUER,
    audience: AUDIENCE,
    requiredClaims: ['sub', 'sid', 'exp'],
    currentDate: now,
  }).catch((error: unknown) => {
    throw new AppError(error instanceof errors.JWTExpired ? 'TOKEN_EXPIRED' : 'UNAUTHENTICATED');
  });
  const { sub, sid, exp } = verified.payload;
  if (typeof sub !== 'string' || typeof sid !== 'string' || typeof exp !== 'number')
    throw new AppError('UNAUTHENTICATED');
  return { userId: sub, sessionId: sid, expiresAtMs: exp * 1_000 };
}

function keyOf(byId: ReadonlyMap<string, KeyObject>, { kid }: { kid?: string }): KeyObject {
  const key = kid === undefined ? undefined : byId.get(kid);
  if (key === undefined) throw new Error('no key of this id');
  return key;
}
