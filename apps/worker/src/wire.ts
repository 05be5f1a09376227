import {
  createMemberTexts,
  tencentSmsAccount,
  tencentTextGateway,
  type MemberTexts,
  type SmsAccount,
} from '@yunshang/accounts';
import { auditLagSeconds } from '@yunshang/audit';
import {
  countAlerts,
  createBillGateway,
  createNotifier,
  createOrders,
  createReconciliationWork,
  createWechatGateway,
  pushCampaign,
  sendNoticeSms,
  sendRefund,
  type Notifier,
} from '@yunshang/billing';
import { SILENCE_MS, connect, openRaw, systemClock, type Database, type RawDatabase } from '@yunshang/db';
import { createImageEngine, type ImageEngine } from '@yunshang/image-engine';
import {
  createAlertPost,
  createAssetRemoval,
  createCosStorage,
  createDelivery,
  createModeration,
  createRunner,
  createSharedSlots,
  createUploads,
  makeZip,
  openAddress,
  tencentIms,
  type Delivery,
} from '@yunshang/pipeline';
import { createQueue, createSignals, type JobQueue, type Signals } from '@yunshang/queue';
import type { Redis } from 'ioredis';
import { hostname } from 'node:os';
import type { Logger } from 'pino';
import { createWorker, type Handlers, type Worker } from './app.ts';
import { auditSchedules } from './audit.ts';
import { billArchive } from './bill-archive.ts';
import type { ProcessConfig } from './config.ts';
import { providersOf } from './providers.ts';
import { consumptionBooks } from './consumption.ts';
import type { Health } from './http.ts';
import { addGauges, createMetrics, type Metrics } from './metrics.ts';
import { outboxLagSeconds } from './outbox-lag.store.ts';
import { openLockConnection } from './redis.ts';
import { listSchedules } from './schedule-list.ts';
import type { Schedule } from './schedules.ts';
import { createRunnerLock } from './single-runner.ts';

export type Wired = { worker: Worker; metrics: Metrics; health: Health; close(): Promise<void> };

type Connections = {
  database: Database;
  /** For who reads rows as they stand. */
  raw: RawDatabase;
  queue: JobQueue;
  signals: Signals;
  redis: Redis;
  engine: ImageEngine;
};

const clock = systemClock;

/** Opens every connection and binds the rooms' use cases to them. */
export function wire(config: ProcessConfig, log: Logger): Wired {
  const connections = open(config, log);
  const { database, redis } = connections;
  const metrics = createMetrics();
  addGauges(metrics.registry, {
    outboxLagSeconds: () => outboxLagSeconds(database.db, clock.now()).catch(() => undefined),
    auditLagSeconds: () => auditLagSeconds(database.db, clock.now()).catch(() => undefined),
    queued: () => connections.queue.counts().catch(() => undefined),
    alerts: () => countAlerts(database.db, clock.now()).catch(() => undefined),
  });
  const worker = createWorker({
    ...connections,
    ...bindUseCases(config, connections),
    config: config.worker,
    clock,
    lock: createRunnerLock(redis),
    log,
    metrics,
  });
  const health: Health = {
    check: async () => ({
      database: await answers(outboxLagSeconds(database.db, clock.now())),
      redis: await answers(redis.ping()),
    }),
  };
  return { worker, metrics, health, close: () => closeAll(connections) };
}

function open(config: ProcessConfig, log: Logger): Connections {
  const { redisUrl } = config.worker;
  return {
    database: connect(config.databaseUrl, { connectionLimit: config.databaseConnections, silenceMs: SILENCE_MS }),
    // One for sealing, one for a proof beside it.
    raw: openRaw(config.databaseUrl, { connectionLimit: 2, silenceMs: SILENCE_MS }),
    queue: createQueue(redisUrl, { log }),
    signals: createSignals(redisUrl, { log }),
    redis: openLockConnection(redisUrl),
    engine: createImageEngine(),
  };
}

function bindUseCases(
  config: ProcessConfig,
  { database, raw, signals, engine, redis }: Connections,
): { handlers: Handlers; schedules: Schedule[] } {
  const storage = createCosStorage(config.cos);
  const { publicBaseUrl } = config.vendors;
  const providers = providersOf(config, { db: database.db, clock, storage, engine });
  const lease = {
    leaseMs: config.taskLeaseMs,
    owner: `${hostname().slice(0, 24)}:${process.pid}`,
    env: { PUBLIC_BASE_URL: publicBaseUrl },
  };
  const slots = createSharedSlots(redis);
  const delivery = deliveryOf(config, database);
  const runner = createRunner({ database, clock, storage, providers, signals, slots, delivery, config: lease });
  const wechat = createWechatGateway(config.wechat, clock);
  const orders = createOrders({ database, clock, wechat, config: config.orders });
  const bills = createBillGateway(config.wechat, clock);
  const archive = billArchive(storage);
  const reconciliation = createReconciliationWork({
    db: database.db,
    clock,
    wechat,
    bills,
    archive,
    consumption: consumptionBooks(config, { db: database.db, clock, providers }),
  });
  const uploads = createUploads({ db: database.db, clock, storage });
  const removal = createAssetRemoval({ db: database.db, clock, storage });
  const texts = textsOf(config, database);
  return {
    handlers: {
      'task.run': (payload) => runner.run(payload),
      'order.reconcile': async (payload) => {
        await orders.reconcile(payload);
        return 'done';
      },
      'refund.send': (payload) => sendRefund({ db: database.db, clock, wechat }, payload),
      'campaign.push': (payload) => pushCampaign({ db: database.db, clock }, payload),
      'reconciliation.run': (payload) => reconciliation.work(payload),
      'batch.zip': (payload) => makeZip({ db: database.db, clock, storage }, payload),
      'asset.remove': async (payload) => {
        await removal.run(payload);
        return 'done';
      },
      'notice.sms': (payload) => sendNoticeSms({ db: database.db, clock, texts }, payload),
    },
    schedules: [
      ...listSchedules({
        database,
        clock,
        runner,
        uploads,
        removal,
        storage,
        providers,
        notifier: notifierOf(config, database),
        reconciliation,
        texts: texts !== undefined,
        sms: smsOf(config),
      }),
      ...auditSchedules({ db: database.db, raw, clock, cos: config.cos }, config.audit),
    ],
  };
}

function notifierOf({ vendors: { keys, devHosts } }: ProcessConfig, { db }: Database): Notifier {
  const post = createAlertPost({ devHosts });
  return createNotifier({ db, clock, post, open: (targetId, sealed) => openAddress(keys, targetId, sealed) });
}

/** Undefined: nobody is texted. */
function textsOf({ texts }: ProcessConfig, { db }: Database): MemberTexts | undefined {
  if (texts === undefined) return undefined;
  return createMemberTexts({ db, phoneKeys: texts.phoneKeys, sms: tencentTextGateway(texts.sms) });
}

/** Undefined: nobody asks how many messages are left. */
function smsOf({ smsAccount }: ProcessConfig): { account: SmsAccount; lowMessages: number } | undefined {
  if (smsAccount === undefined) return undefined;
  return { account: tencentSmsAccount(smsAccount.application), lowMessages: smsAccount.lowMessages };
}

/** Everything that leaves is looked at and marked. */
function deliveryOf({ moderation, labels }: ProcessConfig, { db }: Database): Delivery {
  const looked =
    moderation === undefined
      ? undefined
      : createModeration({ db, clock, moderator: tencentIms(moderation.ims), reviewed: moderation.reviewed });
  return createDelivery({ db, moderation: looked, config: labels });
}

async function closeAll({ database, raw, queue, signals, redis, engine }: Connections): Promise<void> {
  redis.disconnect();
  await Promise.all([queue.close(), signals.close(), engine.close()]);
  await Promise.all([database.close(), raw.close()]);
}

async function answers(question: Promise<unknown>): Promise<boolean> {
  return question.then(
    () => true,
    () => false,
  );
}
