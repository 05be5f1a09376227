import { createHmac } from 'node:crypto';
import { inTransaction, toJson, type Db } from '@yunshang/db';
import type { MadeMember, Stack } from '@yunshang/devstack';

/** Somebody with a token, made by rows or signed in. */
export type Attacker = { userId: string; token: string };

export type Send = {
  method?: string;
  token?: string | undefined;
  key?: string;
  /** Text is sent as it is. */
  body?: unknown;
  headers?: Readonly<Record<string, string>>;
};
/** `code` is that of the first error in the answer, `OK` without one. */
export type Answer = { status: number; code: string; text: string };

/** Sends bytes that no client of ours would. */
export async function send(stack: Pick<Stack, 'server'>, path: string, init: Send = {}): Promise<Answer> {
  const { token, key, body, headers, method = body === undefined ? 'GET' : 'POST' } = init;
  const response = await fetch(`${stack.server.url}${path}`, {
    method,
    headers: {
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...(key === undefined ? {} : { 'idempotency-key': key }),
      ...headers,
    },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  const text = await response.text();
  const isRefused = response.status >= 400 || text.includes('"httpStatus":');
  const code = isRefused ? (/"code":"([A-Z_]+)"/.exec(text)?.[1] ?? 'NO_CODE') : 'OK';
  return { status: response.status, code, text };
}

/** The first `id` in an answer. */
export function idIn({ text }: Answer): string {
  const id = /"id":"([0-9A-Z]{26})"/.exec(text)?.[1];
  if (id === undefined) throw new Error(`no id in ${text.slice(0, 300)}`);
  return id;
}

const encoded = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');

/** What to change in a good token. */
export type Forgery = { header?: object; claims?: object; key?: string; hash?: string };

/** An access token signed with the server's own key, unless it is forged. */
export function accessToken(
  stack: Pick<Stack, 'environment'>,
  who: Pick<MadeMember, 'userId' | 'sessionId'>,
  forgery: Forgery = {},
): string {
  const now = Math.floor(Date.now() / 1000);
  const header = { alg: 'HS256', typ: 'at+jwt', kid: '1', ...forgery.header };
  const claims = {
    sid: who.sessionId,
    sub: who.userId,
    iss: 'yunshang',
    aud: 'yunshang-api',
    iat: now,
    exp: now + 600,
  };
  const signed = `${encoded(header)}.${encoded({ ...claims, ...forgery.claims })}`;
  const key = Buffer.from(forgery.key ?? stack.environment['ACCESS_TOKEN_KEYS'] ?? '', 'base64');
  return `${signed}.${createHmac(forgery.hash ?? 'sha256', key)
    .update(signed)
    .digest('base64url')}`;
}

/** A feature of the built-in engine whose form takes text, so that a member's words reach the database. */
export async function addNotedClean(db: Db): Promise<void> {
  const version = { feature_id: 'noted_clean', version: 1, status: 'published', created_at: new Date() } as const;
  const fields = [
    { key: 'photo', type: 'image', label: '照片', required: true },
    { key: 'title', type: 'text', label: '标题', required: false },
    { key: 'note', type: 'textarea', label: '备注', required: false },
  ];
  const step = {
    name: 'clean',
    type: 'sync_api',
    providerCandidates: ['builtin-image-engine'],
    endpoint: 'garment.clean',
    inputMapping: { image: '${input_data.photo}' },
    outputMapping: { image: '$.image' },
    timeoutSeconds: 60,
    retry: { maxAttempts: 1, delaySeconds: 0, backoff: 'fixed' },
  };
  await inTransaction(db, async (tx) => {
    const form = { fields, submitButton: '开始', layout: 'vertical' };
    const pipeline = { steps: [step], onFailure: 'refund_quota', maxExecutionSeconds: 180 };
    await tx
      .insertInto('form_schemas')
      .values({ ...version, body: toJson(form) })
      .execute();
    await tx
      .insertInto('pipeline_schemas')
      .values({ ...version, body: toJson(pipeline) })
      .execute();
    const like = await tx
      .selectFrom('feature_definitions')
      .selectAll()
      .where('feature_id', '=', 'basic_clean')
      .executeTakeFirstOrThrow();
    await tx
      .insertInto('feature_definitions')
      .values({ ...like, feature_id: 'noted_clean', rate_limit_policy: null, allowed_accounts: null })
      .execute();
  });
}
