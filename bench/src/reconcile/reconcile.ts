import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { connect, type Db, migrate, seed } from '@yunshang/db';
import {
  createDatabase,
  makeBilledOrders,
  plantDifferences,
  PLANTED_ORDERS,
  type Sandbox,
  startSandbox,
  startServices,
} from '@yunshang/devstack';
import { table } from '../measure.ts';
import { readWorked, type Work } from './work.ts';

const ORDERS = 10_000;
/** What docs/operations/reconciliation.md promises. */
const MAX_MS = 30_000;
const MAX_MB = 300;
const DAY_MS = 86_400_000;
const SHANGHAI_MS = 8 * 3_600_000;

/**
 * A day of 10 000 orders with one of every difference: first as it is found, then again when everything is known. Fails when a difference
 * is missed or invented, or a bound is broken.
 */
export async function benchReconcile(): Promise<void> {
  const services = await startServices();
  const sandbox = await startSandbox();
  const folder = mkdtempSync(join(tmpdir(), 'yunshang-bench-'));
  try {
    const { databaseUrl } = await createDatabase(services, 'bench_reconcile');
    await migrate(databaseUrl);
    await seed(databaseUrl);
    const file = join(folder, 'work.json');
    writeFileSync(file, JSON.stringify({ databaseUrl, wechat: wechatOf(sandbox) } satisfies Work), { mode: 0o600 });
    const database = connect(databaseUrl);
    try {
      await measure(database.db, sandbox, file);
    } finally {
      await database.close();
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
    await sandbox.stop();
    await services.stop();
  }
}

async function measure(db: Db, sandbox: Sandbox, file: string): Promise<void> {
  const today = Math.trunc((Date.now() + SHANGHAI_MS) / DAY_MS) * DAY_MS - SHANGHAI_MS;
  const paidAt = new Date(today - 2.5 * DAY_MS);
  const day = new Date(paidAt.getTime() + SHANGHAI_MS).toISOString().slice(0, 10);
  const shop = { db, control: sandbox.control, mchid: sandbox.settings.mchid };
  const orders = await makeBilledOrders(shop, { count: ORDERS, paidAt });
  const expected = await plantDifferences({ db, sandbox, day, paidAt }, orders.slice(0, PLANTED_ORDERS));
  const rows = [['run', 'seconds', 'MB', 'planted', 'found', 'missed', 'invented', 'bills KB']];
  for (const name of ['first', 'again']) {
    const { ms, maxRssKb, runId, bytes } = await workOnce(file, day);
    const found = await foundBy(db, runId);
    // What the first run has mended is no difference any more.
    const wanted = name === 'first' ? expected : expected.filter((text) => !/ (PAIDTHERE|R-THERE)$/.test(text));
    const missed = wanted.filter((text) => !found.includes(text));
    const invented = found.filter((text) => !wanted.includes(text));
    const megabytes = maxRssKb / 1024;
    const figures = [ms / 1000, megabytes].map((value) => value.toFixed(1));
    const counts = [wanted, found, missed, invented].map((list) => String(list.length));
    rows.push([name, ...figures, ...counts, (bytes / 1024).toFixed(0)]);
    if (missed.length + invented.length > 0 || ms > MAX_MS || megabytes > MAX_MB) process.exitCode = 1;
  }
  console.log(`${ORDERS} orders of one day\n${table(rows)}`);
}

async function workOnce(file: string, day: string): Promise<ReturnType<typeof readWorked>> {
  const script = join(import.meta.dirname, 'work-main.ts');
  const { stdout } = await promisify(execFile)(process.execPath, ['--conditions=yunshang-src', script, file, day]);
  return readWorked(stdout);
}

async function foundBy(db: Db, runId: string): Promise<string[]> {
  const rows = await db
    .selectFrom('reconciliation_findings as f')
    .innerJoin('reconciliation_exceptions as e', 'e.id', 'f.exception_id')
    .select(['e.kind', 'e.subject'])
    .where('f.run_id', '=', runId)
    .execute();
  return rows.map(({ kind, subject }) => `${kind} ${subject}`);
}

function wechatOf({ settings, url }: Sandbox): Work['wechat'] {
  return {
    mchid: settings.mchid,
    appid: settings.appid,
    merchantSerial: settings.merchantSerial,
    merchantPrivateKeyPem: settings.merchantPrivateKeyPem,
    merchantCertPem: settings.merchantCertPem,
    apiV3Key: settings.apiV3Key,
    platformKeys: { [settings.platformPublicKeyId]: settings.platformPublicKeyPem },
    notifyUrl: 'http://127.0.0.1:1/notify',
    baseUrl: url,
    timeoutMs: 15_000,
  };
}
