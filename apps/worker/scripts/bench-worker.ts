/**
 * A worker whose vendors cost no time, for bench/src/pipeline: real relay, queue, runner, database and Redis; providers and
 * storage answer at once. usage: bench-worker.ts <settings as JSON>. Writes its memory as JSON lines.
 */
import { existsSync } from 'node:fs';
import { Readable } from 'node:stream';
import { connect, systemClock } from '@yunshang/db';
import { createRunner, registryOf, type ProducedFile, type Provider, type Storage } from '@yunshang/pipeline';
import { createQueue, createSignals } from '@yunshang/queue';
import { Redis } from 'ioredis';
import pino from 'pino';
import { z } from 'zod';
import { createWorker } from '../src/app.ts';
import { createMetrics } from '../src/metrics.ts';
import { createRunnerLock } from '../src/single-runner.ts';

const settings = z
  .strictObject({
    databaseUrl: z.string(),
    redisUrl: z.string(),
    concurrency: z.int(),
    /** The work in the background goes on until this file is there. */
    untilFile: z.string(),
  })
  .parse(JSON.parse(process.argv[2] ?? '{}'));

const picture: ProducedFile = { bytes: Buffer.alloc(64), contentType: 'image/png', width: 1, height: 1 };
const instant: Provider = { ref: 'tencent-ci', run: async () => ({ output: {}, files: { image: picture } }) };
const patient: Provider = {
  ref: 'runninghub-a',
  background: {
    submit: async ({ attemptId }) => ({ vendorRef: attemptId }),
    check: async () => {
      if (!existsSync(settings.untilFile)) return { status: 'RUNNING' };
      const images = Array.from({ length: 12 }, () => picture);
      return { status: 'SUCCESS', collect: async () => ({ output: {}, files: { images } }) };
    },
    unknownMs: 60_000,
    stop: async () => ({ billed: false }),
  },
};
const nowhere = (): never => {
  throw new Error('not asked for here');
};
const storage: Storage = {
  uploadGrant: nowhere,
  list: nowhere,
  read: () => Readable.from([]),
  head: async () => undefined,
  get: async () => undefined,
  put: async () => undefined,
  putLocked: async () => undefined,
  write: async () => undefined,
  delete: async () => undefined,
  signedUrl: nowhere,
  signedPutUrl: nowhere,
};

const { databaseUrl, redisUrl, concurrency } = settings;
const database = connect(databaseUrl, { connectionLimit: Math.max(10, concurrency + 4) });
const signals = createSignals(redisUrl);
const runner = createRunner({
  database,
  clock: systemClock,
  storage,
  providers: registryOf([instant, patient]),
  signals,
  config: { leaseMs: 30_000, owner: 'bench' },
});
const worker = createWorker({
  config: { redisUrl, concurrency, outboxPollMs: 1_000, outboxVisibilityMs: 60_000 },
  database,
  clock: systemClock,
  queue: createQueue(redisUrl),
  signals,
  lock: createRunnerLock(new Redis(redisUrl)),
  log: pino({ level: 'error' }),
  metrics: createMetrics(),
  handlers: {
    'task.run': (payload) => runner.run(payload),
    'order.reconcile': async () => 'done',
    'refund.send': async () => 'done',
    'campaign.push': async () => 'done',
    'reconciliation.run': async () => 'done',
    'batch.zip': async () => 'done',
    'asset.remove': async () => 'done',
    'notice.sms': async () => 'done',
  },
  schedules: [],
});
worker.start();
console.log(JSON.stringify({ ready: true }));
setInterval(() => console.log(JSON.stringify({ rssBytes: process.memoryUsage().rss })), 500);
