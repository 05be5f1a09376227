import { allowedAddress } from './allowed-address.ts';
import { FunctionFailure } from './function-failure.ts';
import { causeName, isWorthAnother, repeat } from './repeat.ts';
import type { Pauses } from './repeat.ts';

export interface DownloadLimits {
  readonly origins: readonly string[];
  readonly maxBytes: number;
  /** A prefix of the Content-Type: `image/`. */
  readonly contentType: string;
  readonly pausesMs: Pauses;
  readonly signal: AbortSignal;
}

/** The bytes behind a signed address. Follows no redirect, goes to allowed hosts only, stops reading at the limit. */
export async function download(address: string, limits: DownloadLimits): Promise<Buffer> {
  const url = allowedAddress(address, limits.origins);
  if (url === undefined) throw new FunctionFailure('DOWNLOAD_FAILED', 'the address of an input is not allowed');
  return repeat(limits.pausesMs, limits.signal, async () => {
    try {
      return await attempt(url, limits);
    } catch (error) {
      if (error instanceof FunctionFailure || limits.signal.aborted) throw error;
      return { again: new FunctionFailure('DOWNLOAD_FAILED', `${url.hostname}: ${causeName(error)}`) };
    }
  });
}

async function attempt(url: URL, limits: DownloadLimits): Promise<{ done: Buffer } | { again: Error }> {
  const headers = { 'accept-encoding': 'identity' };
  const response = await fetch(url, { redirect: 'manual', headers, signal: limits.signal });
  if (response.status !== 200) {
    await response.body?.cancel();
    const failure = new FunctionFailure('DOWNLOAD_FAILED', `${url.hostname} answered ${response.status}`);
    if (isWorthAnother(response.status)) return { again: failure };
    throw failure;
  }
  const type = response.headers.get('content-type') ?? '';
  if (!type.startsWith(limits.contentType) || Number(response.headers.get('content-length')) > limits.maxBytes) {
    await response.body?.cancel();
    throw new FunctionFailure(
      'INPUT_REFUSED',
      `an input is no ${limits.contentType}… of at most ${limits.maxBytes} bytes`,
    );
  }
  return { done: await readAll(response, limits.maxBytes) };
}

async function readAll(response: Response, maxBytes: number): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    bytes += chunk.byteLength;
    if (bytes > maxBytes) throw new FunctionFailure('INPUT_REFUSED', `an input is larger than ${maxBytes} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
