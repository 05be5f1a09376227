import { createVerifications, listAuditLog } from '@yunshang/audit';
import { createAccounts, tencentSmsGateway, type AccountsDeps } from '@yunshang/accounts';
import {
  batchExecutor,
  bookSms,
  campaignExecutor,
  compensationExecutor,
  createAlerts,
  createAlertTargets,
  createApprovals,
  createBudgets,
  createCampaigns,
  createCodes,
  createCompensations,
  createCosts,
  createFapiaos,
  createNotices,
  createOrders,
  createPlanVersions,
  createPrices,
  createTopUps,
  createQuotaHistory,
  createReconciliation,
  createRefunds,
  createReports,
  createWechatGateway,
  getBalance,
  getMemberQuota,
  getMembership,
  grantSignup,
  listPlans,
  settleSms,
  manualIssuer,
} from '@yunshang/billing';
import { SILENCE_MS, connect, pendingMigrations, type Clock, type Database, type Db } from '@yunshang/db';
import { createGuard } from '@yunshang/guard';
import {
  createAssets,
  createCallbacks,
  createBatches,
  createCosStorage,
  createDeadJobs,
  createDefinitions,
  createFeatureCatalog,
  createFeatures,
  createHints,
  createModeration,
  createProviderEndpoints,
  createReservations,
  createServability,
  createTaskIntake,
  createTasks,
  createUploads,
  exceptionExecutors,
  isProvider,
  listFeatureBudgets,
  nameTasks,
  sealAddress,
  tencentIms,
  type Moderation,
} from '@yunshang/pipeline';
import { createSignals, type Signals } from '@yunshang/queue';
import { Redis } from 'ioredis';
import type { Logger } from 'pino';
import type { ServerDeps } from './app.ts';
import type { ServerConfig } from './config.ts';
import { createCallLimits } from './http/call-limits.ts';
import { createGuessLimits } from './http/guess-limits.ts';
import type { Checks } from './http/health.ts';
import type { Metrics } from './http/metrics.ts';
import type { UseCases } from './use-cases.ts';

export type Wired = Pick<ServerDeps, 'useCases' | 'limits' | 'guesses' | 'checks'> & {
  database: Database;
  /** Waits for admitted tasks on their way to the database, then closes every connection. */
  close(): Promise<void>;
};

export type WireDeps = { log: Logger; clock: Clock; metrics: Metrics };

/** The program behind the edge: every room's use cases on connections of their own. */
export function wire(config: ServerConfig, { log, clock, metrics }: WireDeps): Wired {
  const database = connect(config.databaseUrl, {
    connectionLimit: config.databaseConnections,
    silenceMs: SILENCE_MS,
    onQuery: (_sql, durationMs) => metrics.observeQuery(durationMs),
  });
  const redis = openRedis(config.redisUrl);
  const signals = createSignals(config.redisUrl, { log });
  const sms = tencentSmsGateway(config.sms);
  const onNewUser: AccountsDeps['onNewUser'] = (tx, userId, now) => grantSignup(tx, config.signup, { userId, now });
  const smsCosts = smsCostsOf(database.db, clock);
  const accounts = createAccounts({ database, redis, clock, config: config.accounts, sms, smsCosts, log, onNewUser });
  const catalog = createFeatureCatalog(database.db, clock);
  const canServe = createServability(database.db, clock);
  const reservations = createReservations({ db: database.db, clock });
  const intake = createTaskIntake({ database, catalog, signals, canServe, reservations });
  const tasks = createTasks({ db: database.db, clock, signals });
  const useCases: UseCases = {
    accounts,
    tasks: {
      ...tasks,
      create: (input) => intake.create(input),
      onMoved: (id, moved) => signals.onTaskMoved(id, moved),
    },
    batches: createBatches({ db: database.db, clock, signals, intake, storage: createCosStorage(config.cos) }),
    ...operatorUseCases(config, { database, clock, signals }),
    ...promotionUseCases(config, { db: database.db, clock }),
    ...readUseCases(database, clock, catalog),
    ...costUseCases({ database, clock }),
    ...moneyUseCases(config, { database, clock }),
    ...alertUseCases(config, { database, clock }),
    ...vendorUseCases(config, { database, clock, signals }),
  };
  return {
    useCases,
    database,
    limits: createCallLimits(redis, config.limits),
    guesses: createGuessLimits(redis),
    checks: checksOf(database, redis),
    close: async () => {
      await intake.close();
      await Promise.all([accounts.close(), signals.close()]);
      redis.disconnect();
      await database.close();
    },
  };
}

function smsCostsOf(db: Db, clock: Clock): NonNullable<AccountsDeps['smsCosts']> {
  return {
    book: (tx, codeId, now) => bookSms(tx, codeId, now),
    settle: async (messageId, segments) => void (await settleSms(db, { messageId, segments, now: clock.now() })),
  };
}

type Connected = { database: Database; clock: Clock; signals: Signals };

function operatorUseCases({ providerKeys: keys }: ServerConfig, { database, clock, signals }: Connected) {
  const { db } = database;
  const guard = createGuard({ db, clock });
  const { review } = guard;
  return {
    guard,
    planVersions: createPlanVersions({ db, clock, review }),
    definitions: createDefinitions({ database, clock, review }),
    providers: createProviderEndpoints({ db, clock, keys, review }),
    jobs: createDeadJobs({ db, clock, signals }),
    audit: auditUseCases({ db, clock }),
  } satisfies Partial<UseCases>;
}

function costUseCases({ database: { db }, clock }: Pick<Connected, 'database' | 'clock'>) {
  return {
    costs: createCosts({ db }),
    topUps: createTopUps({ db, clock, isProvider: (ref) => isProvider(db, ref) }),
    prices: createPrices({ db, clock, isProvider: (ref) => isProvider(db, ref) }),
    reports: createReports({ db, clock }),
    budgets: createBudgets({ db, clock, features: () => listFeatureBudgets(db) }),
  } satisfies Partial<UseCases>;
}

function alertUseCases(
  { providerKeys, devHosts }: ServerConfig,
  { database: { db }, clock }: Pick<Connected, 'database' | 'clock'>,
) {
  return {
    notices: createNotices({ db, clock }),
    alerts: createAlerts({ db, clock }),
    alertTargets: createAlertTargets({
      db,
      clock,
      devHosts,
      seal: (targetId, address) => sealAddress(providerKeys, targetId, address),
    }),
  } satisfies Partial<UseCases>;
}

function auditUseCases({ db, clock }: { db: Database['db']; clock: Clock }): UseCases['audit'] {
  const verifications = createVerifications({ db, clock });
  return {
    request: (actor, input) => verifications.request(actor, input),
    verifications: () => verifications.list(),
    list: (filter) => listAuditLog(db, filter),
  };
}

function moneyUseCases(config: ServerConfig, { database, clock }: Pick<Connected, 'database' | 'clock'>) {
  const { db } = database;
  const wechat = createWechatGateway(config.wechat, clock);
  const refunds = createRefunds({ db, clock, wechat, config: config.refunds });
  const files = createCosStorage(config.cos);
  return {
    orders: createOrders({ database, clock, wechat, config: config.orders }),
    refunds,
    fapiao: createFapiaos({ db, clock, files, issuer: manualIssuer(files) }),
    reconciliation: createReconciliation({ db, clock }),
    approvals: createApprovals({
      db,
      clock,
      executors: {
        ...exceptionExecutors(clock),
        order_refund: refunds.onApproved,
        code_batch: batchExecutor(clock),
        promotion: campaignExecutor(clock),
        compensation: compensationExecutor(clock),
      },
    }),
  } satisfies Partial<UseCases>;
}

function promotionUseCases({ promotions, compensations, codeKeys }: ServerConfig, deps: { db: Db; clock: Clock }) {
  return {
    codes: createCodes({ ...deps, keys: codeKeys, limits: promotions }),
    campaigns: createCampaigns({ ...deps, limits: promotions }),
    compensations: createCompensations({ ...deps, limits: compensations }),
  } satisfies Partial<UseCases>;
}

function readUseCases({ db }: Database, clock: Clock, catalog: ReturnType<typeof createFeatureCatalog>) {
  const features = createFeatures({ db, catalog });
  const history = createQuotaHistory({ db, nameTasks: (taskIds) => nameTasks(db, taskIds) });
  return {
    plans: {
      list: () => listPlans(db),
      membershipOf: (userId) => getMembership(db, userId, clock.now()),
    },
    quota: {
      balance: (userId) => getBalance(db, userId, clock.now()),
      history: (userId, page) => history.list(userId, page),
      export: (userId, filter) => history.export(userId, filter),
      ofMember: (input) => getMemberQuota({ db, clock, history }, input),
    },
    features: {
      list: (userId) => features.list(userId, clock.now()),
      form: (userId, featureId) => features.form(userId, featureId, clock.now()),
    },
  } satisfies Partial<UseCases>;
}

function vendorUseCases(
  config: ServerConfig,
  { database, clock, signals }: { database: Database; clock: Clock; signals: Signals },
) {
  const storage = createCosStorage(config.cos);
  const { db } = database;
  const moderation = moderationOf(config, { db, clock });
  return {
    uploads: createUploads({ db, clock, storage, moderation, ffmpegPath: config.ffmpegPath }),
    assets: createAssets({ db, clock, storage, signals, cdn: config.cdn }),
    callbacks: createCallbacks({ db, clock, signals, storage, keys: config.callbackKeys }),
    hints: createHints({ db, clock, signals }),
  } satisfies Partial<UseCases>;
}

function moderationOf({ moderation }: ServerConfig, on: { db: Database['db']; clock: Clock }): Moderation | undefined {
  if (moderation === undefined) return undefined;
  return createModeration({ ...on, moderator: tencentIms(moderation.ims), reviewed: moderation.reviewed });
}

/** Commands fail at once while Redis is away: everything asked of it here has something to fall back on. */
function openRedis(redisUrl: string): Redis {
  const redis = new Redis(redisUrl, {
    connectionName: 'yunshang-server',
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    commandTimeout: 500,
    retryStrategy: (times) => Math.min(50 * times, 1_000),
  });
  // Outages are logged by the connections of accounts and signals; unheard, the event would end the process.
  redis.on('error', () => undefined);
  return redis;
}

function checksOf(database: Database, redis: Redis): Checks {
  return {
    database: async () => {
      await database.db.selectNoFrom((eb) => eb.lit(1).as('one')).execute();
    },
    redis: async () => {
      await redis.ping();
    },
    pendingMigrations: () => pendingMigrations(database.url),
  };
}
