import { systemClock, toJson, type Db } from '@yunshang/db';
import { randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import {
  createCallbacks,
  createHints,
  createProviderDirectory,
  httpSettingsSchema,
  runningHubSettingsSchema,
  scfSettingsSchema,
  sealCredentials,
  type Callbacks,
  type ProviderKeys,
  type ProviderRegistry,
} from '../src/index.ts';
import { cosSettings, type Rig } from './rig.ts';

export const KEYS: ProviderKeys = [{ version: 1, key: randomBytes(32) }];
const quiet = { taskMoved: () => undefined, nudge: () => undefined };

/** What an operator writes into a provider's row. */
export async function writeProvider(
  db: Db,
  ref: string,
  row: {
    kind: 'runninghub' | 'scf' | 'http';
    settings: unknown;
    baseUrl: string | null;
    credentials?: Record<string, string>;
  },
): Promise<void> {
  const { kind, settings, baseUrl, credentials } = row;
  const values = {
    kind,
    base_url: baseUrl,
    settings: toJson(settings),
    is_enabled: 1 as const,
    ...(credentials === undefined ? {} : sealCredentials(KEYS, ref, credentials)),
  };
  await db
    .insertInto('provider_endpoints')
    .values({
      provider_ref: ref,
      timeout_seconds: 5,
      max_concurrency: 3,
      unit_cost_micro_yuan: 500_000,
      created_at: new Date(),
      ...values,
    })
    .onDuplicateKeyUpdate({ ...values, max_concurrency: 3, timeout_seconds: 5 })
    .execute();
  await db
    .insertInto('provider_health')
    .ignore()
    .values({ provider_ref: ref, status: 'up', last_check_at: new Date() })
    .execute();
}

function hub(pose: string, video: string): unknown {
  return {
    workflows: {
      'test.poses': {
        workflowId: pose,
        nodes: [
          { nodeId: '10', fieldName: 'image', from: 'image' },
          { nodeId: '20', fieldName: 'text', value: 'studio' },
        ],
        outputs: [{ name: 'images', kind: 'image', many: true }],
      },
      'test.film': {
        workflowId: video,
        nodes: [{ nodeId: '10', fieldName: 'image', from: 'image' }],
        outputs: [{ name: 'video', kind: 'video' }],
      },
    },
    microYuanPerCoin: 1_000,
    unknownWaitSeconds: 60,
  };
}

/** Both of the sandbox's RunningHub accounts; `test.poses` makes twelve pictures, `test.film` a film. */
export async function writeHubs({ database, sandbox }: Rig): Promise<void> {
  const { settings } = sandbox;
  const rows = [
    ['runninghub-a', settings.runninghubKeyA, settings.runninghubPoseWorkflowA, settings.runninghubVideoWorkflowA],
    ['runninghub-b', settings.runninghubKeyB, settings.runninghubPoseWorkflowB, settings.runninghubVideoWorkflowB],
  ] as const;
  for (const [ref, apiKey, pose, video] of rows)
    await writeProvider(database.db, ref, {
      kind: 'runninghub',
      baseUrl: sandbox.url,
      settings: runningHubSettingsSchema.parse(hub(pose, video)),
      credentials: { apiKey },
    });
}

export async function writeScf({ database }: Rig, functions: unknown): Promise<void> {
  const settings = scfSettingsSchema.parse({ functions, unknownWaitSeconds: 30, microYuanPerSecond: 100 });
  await writeProvider(database.db, 'scf-main', { kind: 'scf', baseUrl: null, settings });
}

export async function writeHttp({ database }: Rig, ref: string, baseUrl: string, settings: unknown): Promise<void> {
  const parsed = httpSettingsSchema.parse(settings);
  await writeProvider(database.db, ref, { kind: 'http', baseUrl, settings: parsed, credentials: { apiKey: 'k-123' } });
}

export type Edge = { url: string; callbacks: Callbacks; providers: ProviderRegistry; seen: string[]; close(): void };

/** The two routes of the server that vendors come to, and the providers that tell them the way. */
export async function openEdge(rig: Rig, devHosts: readonly string[] = []): Promise<Edge> {
  const { db } = rig.database;
  const keys = callbackKeys(rig.sandbox.settings.callbackKeys);
  const callbacks = createCallbacks({ db, clock: systemClock, signals: quiet, storage: rig.storage, keys });
  const hints = createHints({ db, clock: systemClock, signals: quiet });
  const seen: string[] = [];
  const server = createServer((request, response) => {
    const path = request.url ?? '';
    seen.push(path);
    const [, taskId, step] = /^\/api\/internal\/tasks\/(\w+)\/steps\/(\d+)\/callback$/.exec(path) ?? [];
    const token = /^\/api\/webhooks\/runninghub\/([\w-]+)$/.exec(path)?.[1];
    const answer = async (): Promise<void> => {
      const rawBody = await bodyOf(request);
      if (taskId !== undefined)
        await callbacks.accept({ taskId, stepIndex: Number(step), headers: request.headers, path, rawBody });
      if (token !== undefined) await hints.runninghub({ token, body: JSON.parse(rawBody.toString()) });
    };
    answer().then(
      () => response.writeHead(200).end('{}'),
      () => response.writeHead(401).end('{}'),
    );
  });
  const url = await listen(server);
  const providers = createProviderDirectory({
    db,
    clock: systemClock,
    storage: rig.storage,
    engine: rig.engine,
    cos: cosSettings(rig.sandbox, 3_000),
    keys: KEYS,
    publicBaseUrl: url,
    devHosts: [new URL(rig.sandbox.url).host, ...devHosts],
  });
  return { url, callbacks, providers, seen, close: () => void server.close() };
}

export async function listen(server: Server): Promise<string> {
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const address = server.address();
  return `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`;
}

export async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(Buffer.from(part));
  return Buffer.concat(parts);
}

/** `id:secret` as the sandbox says it. */
export function callbackKeys(text: string): readonly [{ id: string; secret: string }] {
  const [id = '', ...rest] = text.split(':');
  return [{ id, secret: rest.join(':') }];
}
