import { sweepAccounts, type SmsAccount } from '@yunshang/accounts';
import {
  bookStorageDay,
  closeDueDays,
  createBudgets,
  expireApprovals,
  tellLowQuota,
  watchHeavyUse,
  watchRedDue,
  watchReports,
  watchSmsPackage,
  watchUnitCosts,
  writeOffEndedGrants,
  type Notifier,
  type ReconciliationWork,
} from '@yunshang/billing';
import type { Clock, Database } from '@yunshang/db';
import { createNightlyReview } from '@yunshang/guard';
import {
  checkOrphans,
  listFeatureBudgets,
  probeProviders,
  readAccounts,
  sumKeptBytes,
  sweepNonces,
  sweepZips,
  watchAccounts,
  type AssetRemoval,
  type ProviderRegistry,
  type Runner,
  type Storage,
  type Uploads,
} from '@yunshang/pipeline';
import { deleteOldIdempotencyKeys } from './idempotency-keys.store.ts';
import type { Schedule } from './schedules.ts';

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
/** How long the same key gives the same answer. */
const IDEMPOTENCY_KEPT_MS = 7 * 24 * HOUR_MS;

/** Everything that happens by the clock. Each is safe beside itself; docs/operations/background-work.md says what each does. */
export function listSchedules(deps: {
  database: Database;
  clock: Clock;
  runner: Pick<Runner, 'sweep'>;
  uploads: Pick<Uploads, 'sweep'>;
  removal: Pick<AssetRemoval, 'sweep'>;
  storage: Storage;
  providers: ProviderRegistry;
  notifier: Notifier;
  reconciliation: Pick<ReconciliationWork, 'promiseDue'>;
  /** Members who agreed are texted. */
  texts: boolean;
  /** What the vendor of text messages has left for us; undefined: nobody asks. */
  sms: { account: SmsAccount; lowMessages: number } | undefined;
}): Schedule[] {
  const { database, clock, runner, uploads, removal, storage, providers, notifier, reconciliation, texts, sms } = deps;
  const { db } = database;
  const budgets = createBudgets({ db, clock, features: () => listFeatureBudgets(db) });
  const nightlyReview = createNightlyReview({ db, clock });
  return [
    { name: 'tasks.sweep', everyMs: 5 * SECOND_MS, lockMs: 30 * SECOND_MS, run: () => runner.sweep() },
    { name: 'alerts.deliver', everyMs: 5 * SECOND_MS, lockMs: MINUTE_MS, run: () => notifier.deliver() },
    {
      name: 'providers.probe',
      everyMs: 2 * SECOND_MS,
      lockMs: MINUTE_MS,
      run: () => probeProviders({ db, clock, providers }),
    },
    {
      name: 'callbacks.sweep',
      everyMs: 10 * MINUTE_MS,
      lockMs: MINUTE_MS,
      run: () => sweepNonces(db, clock.now()),
    },
    { name: 'grants.write-off', everyMs: MINUTE_MS, lockMs: 2 * MINUTE_MS, run: () => writeOffEndedGrants(deps) },
    {
      name: 'approvals.expire',
      everyMs: MINUTE_MS,
      lockMs: 2 * MINUTE_MS,
      run: () => expireApprovals({ db, clock }),
    },
    { name: 'budgets.watch', everyMs: MINUTE_MS, lockMs: MINUTE_MS, run: () => budgets.watch() },
    {
      name: 'reconciliation.daily',
      everyMs: 10 * MINUTE_MS,
      lockMs: 2 * MINUTE_MS,
      run: () => reconciliation.promiseDue(),
    },
    {
      name: 'reports.close',
      everyMs: 10 * MINUTE_MS,
      lockMs: 30 * MINUTE_MS,
      run: () => closeDueDays({ db, clock }),
    },
    { name: 'use.watch', everyMs: 5 * MINUTE_MS, lockMs: MINUTE_MS, run: () => watchHeavyUse({ db, clock }) },
    // What happens at an hour of the day looks for itself whether it is time and has not happened yet.
    {
      name: 'quota.low',
      everyMs: 5 * MINUTE_MS,
      lockMs: 10 * MINUTE_MS,
      run: () => tellLowQuota({ db, clock, texts }),
    },
    { name: 'fapiao.watch', everyMs: 15 * MINUTE_MS, lockMs: MINUTE_MS, run: () => watchRedDue({ db, clock }) },
    { name: 'costs.watch', everyMs: 15 * MINUTE_MS, lockMs: 10 * MINUTE_MS, run: () => watchUnitCosts({ db, clock }) },
    {
      name: 'costs.storage',
      everyMs: 15 * MINUTE_MS,
      lockMs: 10 * MINUTE_MS,
      run: () => bookStorageDay({ db, clock, bytesKept: () => sumKeptBytes(db) }),
    },
    {
      name: 'reports.verify',
      everyMs: 15 * MINUTE_MS,
      lockMs: 2 * HOUR_MS,
      run: () => watchReports({ db, clock }),
    },
    {
      name: 'vendors.readings',
      everyMs: 5 * MINUTE_MS,
      lockMs: 2 * MINUTE_MS,
      run: () => readAccounts({ db, clock, providers }),
    },
    {
      name: 'vendors.accounts',
      everyMs: HOUR_MS,
      lockMs: MINUTE_MS,
      run: async () => {
        const low = await watchAccounts({ db, clock, providers });
        if (sms === undefined) return { low };
        const { account, lowMessages } = sms;
        const isNews = await watchSmsPackage({ db, clock, left: (now) => account.left(now), lowMessages });
        return { low: low + (isNews ? 1 : 0) };
      },
    },
    { name: 'accounts.sweep', everyMs: HOUR_MS, lockMs: 10 * MINUTE_MS, run: () => sweepAccounts({ database, clock }) },
    { name: 'uploads.sweep', everyMs: HOUR_MS, lockMs: 10 * MINUTE_MS, run: () => uploads.sweep() },
    { name: 'assets.sweep', everyMs: 6 * HOUR_MS, lockMs: HOUR_MS, run: () => removal.sweep() },
    {
      name: 'objects.sweep',
      everyMs: 24 * HOUR_MS,
      lockMs: 2 * HOUR_MS,
      run: async () => {
        const report = await checkOrphans({ db: database.db, clock, storage }, { remove: true });
        return { objects: report.objects, removed: report.removed, missing: report.rowsWithoutObject.length };
      },
    },
    {
      name: 'guard.review',
      everyMs: HOUR_MS,
      lockMs: HOUR_MS,
      run: () => nightlyReview.run(),
    },
    {
      name: 'zips.sweep',
      everyMs: HOUR_MS,
      lockMs: 10 * MINUTE_MS,
      run: () => sweepZips({ db: database.db, clock, storage }),
    },
    {
      name: 'idempotency.sweep',
      everyMs: HOUR_MS,
      lockMs: 10 * MINUTE_MS,
      run: () => deleteOldIdempotencyKeys(database.db, new Date(clock.now().getTime() - IDEMPOTENCY_KEPT_MS)),
    },
  ];
}
