import { ProviderFailure, type ProducedFile } from './provider.ts';
import { MAX_MEDIA_BYTES, readMedia, type MediaKind } from './read-media.ts';
import { HttpFailure, type VendorHttp } from './vendor-http.ts';

/** Results are fetched a few at a time. */
const AT_ONCE = 4;
const FILE_LIMIT_MS = 60_000;

export type Download = { url: string; kind: MediaKind };

/** Copies a vendor's results, in order. Throws ProviderFailure for the first that can not be had. */
export async function downloadAll(
  http: VendorHttp,
  wanted: readonly Download[],
  from: { hosts: readonly string[]; signal: AbortSignal },
): Promise<ProducedFile[]> {
  const files: ProducedFile[] = [];
  for (let at = 0; at < wanted.length; at += AT_ONCE)
    files.push(...(await Promise.all(wanted.slice(at, at + AT_ONCE).map((one) => download(http, one, from)))));
  return files;
}

async function download(
  http: VendorHttp,
  { url, kind }: Download,
  { hosts, signal }: { hosts: readonly string[]; signal: AbortSignal },
): Promise<ProducedFile> {
  const limits = {
    maxBytes: MAX_MEDIA_BYTES[kind],
    signal: AbortSignal.any([signal, AbortSignal.timeout(FILE_LIMIT_MS)]),
  };
  const answer = await http.request({ method: 'GET', url, hosts, ...limits }).catch((error: unknown) => {
    const code = error instanceof HttpFailure ? error.kind : 'lost';
    throw new ProviderFailure('vendor', `result_${code}`, { cause: error });
  });
  if (answer.status !== 200) throw new ProviderFailure('vendor', `result_http_${answer.status}`);
  return readMedia(kind, answer.body);
}
