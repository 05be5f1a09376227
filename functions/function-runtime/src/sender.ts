import { randomBytes } from 'node:crypto';
import { signCallback } from '@yunshang/callback';
import type { CallbackBody, CallbackKeys, Invocation } from '@yunshang/callback';
import { allowedAddress } from './allowed-address.ts';
import { causeName, isWorthAnother, repeat } from './repeat.ts';
import type { Pauses } from './repeat.ts';

export interface SenderConfig {
  readonly keys: CallbackKeys;
  readonly origins: readonly string[];
  readonly pausesMs: Pauses;
  /** For one try. */
  readonly timeoutMs: number;
}

/**
 * Tells the server what became of a job. Every try carries the same body, signed anew with its own time and nonce; server
 * errors and lost connections are tried again. Throws when the server would not take it, so that the platform invokes again.
 */
export async function sendCallback(
  replyTo: Invocation['callback'],
  body: CallbackBody,
  config: SenderConfig,
): Promise<void> {
  const url = allowedAddress(replyTo.url, config.origins);
  if (url === undefined || !`${url.pathname}${url.search}`.endsWith(replyTo.path)) {
    throw new Error('the address of the callback is not allowed');
  }
  const rawBody = JSON.stringify(body);
  await repeat(config.pausesMs, new AbortController().signal, async () => {
    const outcome = await attempt(url, replyTo.path, rawBody, config).catch(causeName);
    if (typeof outcome === 'string') return { again: new Error(`the callback did not arrive: ${outcome}`) };
    if (outcome >= 200 && outcome < 300) return { done: undefined };
    const failure = new Error(`the callback was answered with ${outcome}`);
    if (isWorthAnother(outcome)) return { again: failure };
    throw failure;
  });
}

async function attempt(url: URL, path: string, rawBody: string, { keys, timeoutMs }: SenderConfig): Promise<number> {
  const nonce = randomBytes(24).toString('base64url');
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...signCallback({ keys, path, rawBody, now: new Date(), nonce }) },
    body: rawBody,
    redirect: 'manual',
    signal: AbortSignal.timeout(timeoutMs),
  });
  await response.body?.cancel();
  return response.status;
}
