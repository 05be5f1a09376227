import { newId, systemClock, type Clock } from '@yunshang/db';
import { makeMember, type MadeMember } from '@yunshang/devstack';
import { testDatabase, testSandbox, type TestDatabase, type TestSandbox } from '@yunshang/devstack/testing';
import { createImageEngine, renderSampleGarment, type ImageEngine } from '@yunshang/image-engine';
import {
  createCosStorage,
  createFeatureCatalog,
  createProviders,
  createReservations,
  createRunner,
  createTaskIntake,
  createTasks,
  type CosSettings,
  type Delivery,
  type FixedRegistry,
  type Provider,
  type ProviderRegistry,
  type Runner,
  type Storage,
  type TaskIntake,
  type Tasks,
} from '../src/index.ts';
import sharp from 'sharp';

const quiet = { taskMoved: () => undefined, nudge: () => undefined };

/** Settings for the sandbox as an app would read them for its vendors. */
export function cosSettings(sandbox: TestSandbox, timeoutMs = 10_000): CosSettings {
  const host = new URL(sandbox.url).host;
  const { tencentSecretId, tencentSecretKey, bucket, region } = sandbox.settings;
  return {
    secretId: tencentSecretId,
    secretKey: tencentSecretKey,
    bucket,
    region,
    timeoutMs,
    domain: `${host}/{Bucket}`,
    protocol: 'http:',
    apiEndpoint: host,
    apiProtocol: 'http://',
  };
}

export type Rig = {
  database: TestDatabase;
  sandbox: TestSandbox;
  storage: Storage;
  engine: ImageEngine;
  providers: FixedRegistry;
  /** The same, with little patience for CI. */
  hasty: FixedRegistry;
  provider(ref: string): Provider;
  intake: TaskIntake;
  tasks: Tasks;
  garment: Buffer;
  runner(options?: {
    providers?: ProviderRegistry;
    leaseMs?: number;
    clock?: Clock;
    storage?: Storage;
    database?: TestDatabase;
    delivery?: Delivery;
  }): Runner;
  /** A paid-up member whose photo is stored. */
  member(photo?: Buffer): Promise<MadeMember>;
  /** A task of that member, charged and pending. */
  task(member: MadeMember, featureId?: string): Promise<string>;
  close(): Promise<void>;
};

/** What the rig's photo measures: small, so that it is cut out in a moment. */
export const GARMENT = { width: 360, height: 480 };

async function smallGarment(): Promise<Buffer> {
  const { width, height } = GARMENT;
  return sharp(await renderSampleGarment())
    .resize(width, height)
    .jpeg({ quality: 92 })
    .toBuffer();
}

/** Database, sandbox, engine and the pipeline's parts on top of them. */
export async function createRig(): Promise<Rig> {
  const [database, sandbox, garment] = await Promise.all([testDatabase(), testSandbox(), smallGarment()]);
  const { db } = database;
  const storage = createCosStorage(cosSettings(sandbox));
  const engine = createImageEngine();
  const patience = (timeoutMs: number): FixedRegistry =>
    createProviders({ tencentCi: cosSettings(sandbox, timeoutMs), storage, engine });
  const providers = patience(10_000);
  const catalog = createFeatureCatalog(db, systemClock);
  const reservations = createReservations({ db, clock: systemClock });
  const intake = createTaskIntake({ database, catalog, signals: quiet, reservations, canServe: async () => true });
  return {
    database,
    sandbox,
    storage,
    engine,
    providers,
    hasty: patience(1_500),
    provider: (ref) => {
      const provider = providers.get(ref);
      if (provider === undefined) throw new Error(`no provider ${ref}`);
      return provider;
    },
    intake,
    tasks: createTasks({ db, clock: systemClock, signals: quiet }),
    garment,
    runner: (options = {}) =>
      createRunner({
        database: options.database ?? database,
        clock: options.clock ?? systemClock,
        storage: options.storage ?? storage,
        providers: options.providers ?? providers,
        signals: quiet,
        ...(options.delivery === undefined ? {} : { delivery: options.delivery }),
        config: { leaseMs: options.leaseMs ?? 10_000, owner: 'test' },
      }),
    member: async (photo = garment) => {
      const member = await makeMember(db, { plan: 'PREMIUM' });
      await storage.put(`u/${member.userId}/uploads/${member.assetId}.jpg`, photo, 'image/jpeg');
      return member;
    },
    task: async (member, featureId = 'basic_clean') => {
      const input = { photo: member.assetId };
      const task = await intake.create({ userId: member.userId, featureId, input, idempotencyKey: newId() });
      return task.id;
    },
    close: async () => {
      await intake.close();
      await engine.close();
      await database.close();
    },
  };
}

/** A clock that runs `ms` ahead of ours. */
export function ahead(ms: number): Clock {
  return { now: () => new Date(Date.now() + ms) };
}
