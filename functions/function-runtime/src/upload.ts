import type { InvocationUpload } from '@yunshang/callback';
import { allowedAddress } from './allowed-address.ts';
import { FunctionFailure } from './function-failure.ts';
import { causeName, isWorthAnother, repeat } from './repeat.ts';
import type { Pauses } from './repeat.ts';

export interface UploadLimits {
  readonly origins: readonly string[];
  readonly pausesMs: Pauses;
  readonly signal: AbortSignal;
}

/** Writes one result through its presigned PUT. The same bytes to the same key: a second time changes nothing. */
export async function upload(slot: InvocationUpload, bytes: Uint8Array, limits: UploadLimits): Promise<void> {
  const url = allowedAddress(slot.putUrl, limits.origins);
  if (url === undefined) throw new FunctionFailure('UPLOAD_FAILED', `the address for ${slot.name} is not allowed`);
  const body = new Uint8Array(bytes);
  const headers = { 'content-type': slot.contentType };
  await repeat(limits.pausesMs, limits.signal, async () => {
    try {
      const response = await fetch(url, { method: 'PUT', headers, body, redirect: 'manual', signal: limits.signal });
      await response.body?.cancel();
      if (response.ok) return { done: undefined };
      const failure = new FunctionFailure(
        'UPLOAD_FAILED',
        `${url.hostname} answered ${response.status} to ${slot.name}`,
      );
      if (isWorthAnother(response.status)) return { again: failure };
      throw failure;
    } catch (error) {
      if (error instanceof FunctionFailure || limits.signal.aborted) throw error;
      return { again: new FunctionFailure('UPLOAD_FAILED', `${url.hostname}: ${causeName(error)}`) };
    }
  });
}
