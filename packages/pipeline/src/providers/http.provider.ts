import type { Clock } from '@yunshang/db';
import { JSONPath } from 'jsonpath-plus';
import { z } from 'zod';
import type { Credentials } from '../credentials/credentials.ts';
import type { Storage } from '../storage/storage.ts';
import { downloadAll } from './download.ts';
import { BUSY, isFileRef, ProviderFailure, type ProducedFile, type Provider, type ProviderCall } from './provider.ts';
import type { HttpSettings } from './provider-settings.ts';
import { readMedia } from './read-media.ts';
import { HttpFailure, type VendorAnswer, type VendorHttp } from './vendor-http.ts';

export type HttpProviderDeps = {
  ref: string;
  baseUrl: string;
  settings: HttpSettings;
  credentials: Credentials;
  http: VendorHttp;
  storage: Storage;
  clock: Clock;
};

type Endpoint = HttpSettings['endpoints'][string];

const ADDRESS_TTL_SECONDS = 3_600;
const PROBE_MAX_BYTES = 100_000;
const answerSchema = z.record(z.string(), z.unknown());

/** A vendor that takes JSON by POST and answers JSON at once; files go as signed addresses and come as addresses or base64. */
export function createHttpProvider(deps: HttpProviderDeps): Provider {
  const { settings, http } = deps;
  const probePath = settings.probePath;
  return {
    ref: deps.ref,
    run: async (call) => {
      const endpoint = settings.endpoints[call.endpoint];
      if (endpoint === undefined) throw new ProviderFailure('our_account', 'endpoint_unknown', { costMicroYuan: 0 });
      const output = readAnswer(await post(deps, endpoint, call));
      return { output, files: await filesIn(deps, { endpoint, output, signal: call.signal }) };
    },
    ...(probePath === undefined
      ? {}
      : {
          probe: async (signal) => {
            const request = { method: 'GET', url: urlOf(deps, probePath), headers: headersOf(deps) } as const;
            const answer = await http
              .request({ ...request, hosts: [hostOf(deps)], maxBytes: PROBE_MAX_BYTES, signal })
              .catch(unanswered);
            if (answer.status < 200 || answer.status > 299) throw refusal(answer.status);
          },
        }),
  };
}

async function post(deps: HttpProviderDeps, endpoint: Endpoint, call: ProviderCall): Promise<VendorAnswer> {
  const answer = await deps.http
    .request({
      method: 'POST',
      url: urlOf(deps, endpoint.path),
      headers: {
        ...headersOf(deps),
        'content-type': 'application/json',
        'idempotency-key': `${call.taskId}-${call.stepIndex}-${call.attemptNo}`,
      },
      body: JSON.stringify(await addressed(deps, call.input)),
      hosts: [hostOf(deps)],
      maxBytes: endpoint.maxAnswerBytes,
      signal: call.signal,
    })
    .catch(unanswered);
  if (answer.status < 200 || answer.status > 299) throw refusal(answer.status);
  return answer;
}

function urlOf({ baseUrl }: HttpProviderDeps, path: string): string {
  return `${baseUrl.replace(/\/$/, '')}${path}`;
}

function hostOf({ baseUrl }: HttpProviderDeps): string {
  return new URL(baseUrl).hostname;
}

/** `{name}` in a header becomes the credential of that name. */
function headersOf({ settings, credentials }: HttpProviderDeps): Record<string, string> {
  const fill = (text: string): string =>
    text.replaceAll(/\{(\w+)\}/g, (whole, name: string) => credentials[name] ?? whole);
  return Object.fromEntries(Object.entries(settings.headers).map(([name, text]) => [name.toLowerCase(), fill(text)]));
}

/** A file becomes `{url, contentType}`, readable for an hour. */
async function addressed(deps: HttpProviderDeps, value: unknown): Promise<unknown> {
  if (isFileRef(value)) {
    const lifetime = { ttlSeconds: ADDRESS_TTL_SECONDS, now: deps.clock.now() };
    return { url: (await deps.storage.signedUrl(value.file, lifetime)).url, contentType: value.contentType };
  }
  if (Array.isArray(value)) return Promise.all(value.map((item) => addressed(deps, item)));
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(async ([key, inner]) => [key, await addressed(deps, inner)] as const);
  return Object.fromEntries(await Promise.all(entries));
}

function readAnswer({ body }: VendorAnswer): Record<string, unknown> {
  try {
    return answerSchema.parse(JSON.parse(body.toString('utf8')));
  } catch (error) {
    throw new ProviderFailure('vendor', 'answer_unreadable', { cause: error });
  }
}

type Answered = { endpoint: Endpoint; output: Record<string, unknown>; signal: AbortSignal };

async function filesIn(deps: HttpProviderDeps, { endpoint, output, signal }: Answered) {
  const files: Record<string, ProducedFile | ProducedFile[]> = {};
  for (const { name, kind, path, encoding, many } of endpoint.files) {
    const found = textsAt(path, output);
    const texts = many ? found : found.slice(0, 1);
    const hosts = [...deps.settings.resultHosts, hostOf(deps)];
    const got =
      encoding === 'url'
        ? await downloadAll(
            deps.http,
            texts.map((url) => ({ url, kind })),
            { hosts, signal },
          )
        : await Promise.all(texts.map((text) => readMedia(kind, Buffer.from(text, 'base64'))));
    const [first] = got;
    if (many) files[name] = got;
    else if (first !== undefined) files[name] = first;
  }
  return files;
}

function textsAt(path: string, json: Record<string, unknown>): string[] {
  const found: unknown = JSONPath({ path, json, wrap: true, eval: false });
  return Array.isArray(found) ? found.flat().filter((item) => typeof item === 'string') : [];
}

function unanswered(error: unknown): never {
  const kind = error instanceof HttpFailure ? error.kind : 'lost';
  if (kind === 'refused')
    throw new ProviderFailure('our_account', 'address_refused', { cause: error, costMicroYuan: 0 });
  if (kind === 'unreachable') throw new ProviderFailure('vendor', 'unreachable', { cause: error, costMicroYuan: 0 });
  if (kind === 'too_large') throw new ProviderFailure('vendor', 'answer_too_large', { cause: error });
  throw new ProviderFailure('unknown_outcome', 'no_answer', { cause: error });
}

function refusal(status: number): ProviderFailure {
  if (status === 401 || status === 402 || status === 403)
    return new ProviderFailure('our_account', `http_${status}`, { costMicroYuan: 0 });
  if (status === 429) return new ProviderFailure('vendor', BUSY, { costMicroYuan: 0 });
  if (status === 502 || status === 504) return new ProviderFailure('unknown_outcome', `http_${status}`);
  return new ProviderFailure('vendor', `http_${status}`);
}
