import { assertNever } from '@yunshang/contracts';
import { fromJson, type Clock, type Db } from '@yunshang/db';
import type { ImageEngine } from '@yunshang/image-engine';
import { openCredentials, type Credentials, type ProviderKeys } from '../credentials/credentials.ts';
import type { CosSettings } from '../storage/cos-client.ts';
import type { Storage } from '../storage/storage.ts';
import { createBuiltinProvider } from './builtin.provider.ts';
import { createHttpProvider } from './http.provider.ts';
import type { Provider, ProviderRegistry } from './provider.ts';
import { watermarkBy } from './registry.ts';
import { httpSettingsSchema, runningHubSettingsSchema, scfSettingsSchema } from './provider-settings.ts';
import { findEndpointRow, type EndpointRow } from './provider.store.ts';
import { createRunningHubProvider } from './runninghub/runninghub.provider.ts';
import { createScfProvider } from './scf/scf.provider.ts';
import { createTencentCiProvider } from './tencent-ci.provider.ts';
import { createVendorHttp, type VendorHttp } from './vendor-http.ts';

export type DirectoryDeps = {
  db: Db;
  clock: Clock;
  storage: Storage;
  engine: ImageEngine;
  /** Bucket and account that CI and, without keys of their own, functions use. */
  cos: CosSettings;
  /** Without keys no provider that has credentials can be called. */
  keys: ProviderKeys | undefined;
  /** Where vendors and functions reach our server. */
  publicBaseUrl: string;
  /** Where RunningHub is, for rows that do not say. */
  runningHubUrl?: string;
  /** Draws on films; the one found on this machine when absent. */
  ffmpegPath?: string;
  /** `host:port` of vendors that may be spoken to in plain http and inside; for development. */
  devHosts?: readonly string[];
};

/** What an operator changed is known after this; one that could not be used is looked for again at once, as work may wait for it. */
const FRESH_MS = 3_000;
const RUNNINGHUB_URL = 'https://www.runninghub.cn';

type Known = { at: number; revision: number | undefined; provider: Provider | undefined };

/** The providers in provider_endpoints, made from their rows: what an operator adds works without a release. */
export function createProviderDirectory(deps: DirectoryDeps): ProviderRegistry {
  const http = createVendorHttp({ devHosts: deps.devHosts ?? [] });
  const known = new Map<string, Known>();

  async function look(ref: string, before: Known | undefined): Promise<Known> {
    const at = deps.clock.now().getTime();
    const row = await findEndpointRow(deps.db, ref);
    if (before !== undefined && before.revision === row?.revision) return { ...before, at };
    const provider = row === undefined ? undefined : make(deps, http, row);
    return { at, revision: row?.revision, provider };
  }

  return {
    get: async (ref) => {
      const before = known.get(ref);
      const age = deps.clock.now().getTime() - (before?.at ?? 0);
      if (before?.provider !== undefined && age >= 0 && age < FRESH_MS) return before.provider;
      const now = await look(ref, before);
      known.set(ref, now);
      return now.provider;
    },
  };
}

/** Undefined for a row that can not be used: other candidates are then asked. */
function make(deps: DirectoryDeps, http: VendorHttp, row: EndpointRow): Provider | undefined {
  try {
    return makeKind(deps, http, row);
  } catch {
    return undefined;
  }
}

function makeKind(deps: DirectoryDeps, http: VendorHttp, row: EndpointRow): Provider {
  const { storage, engine, clock, cos, publicBaseUrl } = deps;
  const { ref, kind } = row;
  const settings = row.settings === null ? undefined : fromJson(row.settings);
  switch (kind) {
    case 'tencent_ci':
      return createTencentCiProvider({ ref, settings: cos, storage, engine });
    case 'builtin':
      return createBuiltinProvider({ ref, engine, storage, watermark: watermarkBy(deps.ffmpegPath) });
    case 'runninghub':
      return createRunningHubProvider({
        ref,
        baseUrl: row.baseUrl ?? deps.runningHubUrl ?? RUNNINGHUB_URL,
        apiKey: credentialsOf(deps, row)['apiKey'] ?? '',
        settings: runningHubSettingsSchema.parse(settings),
        http,
        storage,
        hintUrl: `${publicBaseUrl.replace(/\/$/, '')}/api/webhooks/runninghub`,
      });
    case 'scf': {
      const account = { ...cos, ...credentialsOf(deps, row) };
      const parsed = scfSettingsSchema.parse(settings);
      return createScfProvider({ ref, account, settings: parsed, storage, clock, callbackBaseUrl: publicBaseUrl });
    }
    case 'http':
      return createHttpProvider({
        ref,
        baseUrl: row.baseUrl ?? '',
        settings: httpSettingsSchema.parse(settings),
        credentials: credentialsOf(deps, row),
        http,
        storage,
        clock,
      });
    default:
      return assertNever(kind);
  }
}

function credentialsOf({ keys }: DirectoryDeps, row: EndpointRow): Credentials {
  const { credentialsEnc: bytes, credentialsKeyVersion: version } = row;
  if (bytes === null || version === null || keys === undefined) return {};
  return openCredentials(keys, row.ref, { credentials_enc: bytes, credentials_key_version: version });
}
