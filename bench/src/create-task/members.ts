import { createHmac } from 'node:crypto';
import { makeMembers } from '@yunshang/devstack';
import { type Db, toJson } from '@yunshang/db';

export type BenchMember = { userId: string; token: string; assetId: string };

const PLENTY = 1_000_000_000;

function base64url(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

/** An access token as packages/accounts signs them; the bench may not import a room below the server. */
function accessToken(key: { id: string; secret: Buffer }, who: { userId: string; sessionId: string }): string {
  const issued = Math.floor(Date.now() / 1000);
  const head = base64url({ alg: 'HS256', typ: 'at+jwt', kid: key.id });
  const claims = {
    sub: who.userId,
    sid: who.sessionId,
    iss: 'yunshang',
    aud: 'yunshang-api',
    iat: issued,
    exp: issued + 3600,
  };
  const signed = `${head}.${base64url(claims)}`;
  return `${signed}.${createHmac('sha256', key.secret).update(signed).digest('base64url')}`;
}

/** Members with quota for any run, made by rows: signing in and paying 200 times is not what is measured. */
export async function benchMembers(db: Db, count: number, key: { id: string; secret: Buffer }): Promise<BenchMember[]> {
  const made = await makeMembers(db, count, { quota: PLENTY });
  return made.map((member) => ({ userId: member.userId, assetId: member.assetId, token: accessToken(key, member) }));
}

/** Takes the members' limits out of the way, but not their check: the windows are asked at every creation. */
export async function widenLimits(db: Db): Promise<void> {
  const limits = toJson({ maxPerHour: 100_000, maxPerDay: 1_000_000, cooldownSeconds: 0 });
  await db
    .updateTable('feature_definitions')
    .set({ rate_limit_policy: limits })
    .where('feature_id', '=', 'basic_clean')
    .execute();
}
