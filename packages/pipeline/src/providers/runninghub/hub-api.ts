import { ProviderFailure } from '../provider.ts';
import { HttpFailure, type VendorHttp } from '../vendor-http.ts';
import { BUSY } from '../provider.ts';
import { parseHubAnswer, parseHubUsage, type HubAnswer, type HubUsage } from './hub-answer.ts';

const MAX_ANSWER_BYTES = 4_000_000;

export type HubApi = {
  /** A call that may begin paid work: whatever leaves that open is `unknown_outcome`. */
  begin(path: string, body: Readonly<Record<string, unknown>>, signal: AbortSignal): Promise<HubAnswer>;
  /** A call that begins nothing. */
  ask(path: string, body: Readonly<Record<string, unknown>>, signal: AbortSignal): Promise<HubAnswer>;
  /** How a task stands and what it used, by the second interface. */
  query(taskId: string, signal: AbortSignal): Promise<HubUsage>;
  upload(file: { name: string; bytes: Buffer; contentType: string }, signal: AbortSignal): Promise<HubAnswer>;
};

/** RunningHub's first interface: JSON by POST, the key in header and body, codes inside HTTP 200. */
export function createHubApi(deps: { http: VendorHttp; baseUrl: string; apiKey: string }): HubApi {
  const { http, baseUrl, apiKey } = deps;
  const hosts = [new URL(baseUrl).hostname];

  async function post<Answer>(
    path: string,
    { body, contentType }: { body: Buffer | string; contentType: string },
    parse: (text: string) => Answer | undefined,
    signal: AbortSignal,
  ): Promise<Answer> {
    const answer = await http
      .request({
        method: 'POST',
        url: `${baseUrl.replace(/\/$/, '')}${path}`,
        headers: { authorization: `Bearer ${apiKey}`, 'content-type': contentType },
        body,
        hosts,
        maxBytes: MAX_ANSWER_BYTES,
        signal,
      })
      .catch((error: unknown) => {
        throw unanswered(error);
      });
    const parsed = answer.status === 200 ? parse(answer.body.toString('utf8')) : undefined;
    if (parsed !== undefined) return parsed;
    throw refusal(answer.status);
  }

  const begin: HubApi['begin'] = (path, body, signal) => post(path, json({ apiKey, ...body }), parseHubAnswer, signal);
  return {
    begin,
    ask: (path, body, signal) => begin(path, body, signal).catch(beganNothing),
    query: (taskId, signal) => post('/openapi/v2/query', json({ taskId }), parseHubUsage, signal).catch(beganNothing),
    upload: async (file, signal) => {
      const form = new FormData();
      form.set('apiKey', apiKey);
      form.set('fileType', 'input');
      form.set('file', new Blob([new Uint8Array(file.bytes)], { type: file.contentType }), file.name);
      const encoded = new Response(form);
      const body = Buffer.from(await encoded.arrayBuffer());
      const contentType = encoded.headers.get('content-type') ?? '';
      return post('/task/openapi/upload', { body, contentType }, parseHubAnswer, signal).catch(beganNothing);
    },
  };
}

function json(body: Readonly<Record<string, unknown>>): { body: string; contentType: string } {
  return { body: JSON.stringify(body), contentType: 'application/json' };
}

function unanswered(error: unknown): ProviderFailure {
  if (!(error instanceof HttpFailure)) return new ProviderFailure('unknown_outcome', 'no_answer', { cause: error });
  if (error.kind === 'refused')
    return new ProviderFailure('our_account', 'address_refused', { cause: error, costMicroYuan: 0 });
  if (error.kind === 'unreachable')
    return new ProviderFailure('vendor', 'unreachable', { cause: error, costMicroYuan: 0 });
  return new ProviderFailure('unknown_outcome', 'no_answer', { cause: error });
}

/** 200 with something else in it, or a gateway in between: the work may have begun. */
function refusal(status: number): ProviderFailure {
  if (status === 200 || status === 502 || status === 504)
    return new ProviderFailure('unknown_outcome', `http_${status}`);
  if (status === 429) return new ProviderFailure('vendor', BUSY, { costMicroYuan: 0 });
  if (status === 401 || status === 402 || status === 403)
    return new ProviderFailure('our_account', `http_${status}`, { costMicroYuan: 0 });
  return new ProviderFailure('vendor', `http_${status}`);
}

function beganNothing(error: unknown): never {
  if (error instanceof ProviderFailure && error.errorClass === 'unknown_outcome')
    throw new ProviderFailure('vendor', error.code, { cause: error });
  throw error;
}
