import { systemClock, inTransaction, newId, promiseJob, shanghaiDay } from '@yunshang/db';
import { appEnvironment, makeMembers, startProcess, until, type NodeProcess } from '@yunshang/devstack';
import {
  testDatabase,
  testRedisUrl,
  testSandbox,
  type TestDatabase,
  type TestSandbox,
} from '@yunshang/devstack/testing';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { outbox } from './bench.ts';
import { sealedPhone } from './sealed-phone.ts';

let database: TestDatabase;
let sandbox: TestSandbox;
let env: Record<string, string>;
let folder: string;
const started: NodeProcess[] = [];
/** Processes start within seconds, on a busy machine. */
vi.setConfig({ testTimeout: 60_000 });

beforeAll(async () => {
  database = await testDatabase();
  folder = mkdtempSync(join(tmpdir(), 'ys-worker-'));
  sandbox = await testSandbox();
  env = {
    ...appEnvironment({
      databaseUrl: database.databaseUrl,
      redisUrl: await testRedisUrl(),
      publicUrl: 'http://127.0.0.1:1',
      vendorUrl: sandbox.url,
      settings: sandbox.settings,
    }),
    OUTBOX_VISIBILITY_MS: '500',
    OUTBOX_POLL_MS: '50',
  };
});

afterAll(async () => {
  await Promise.all(started.map((one) => one.stop()));
  await database.close();
  rmSync(folder, { recursive: true, force: true });
});

async function start(name: string, more: Record<string, string> = {}): Promise<NodeProcess> {
  const main = 'apps/worker/src/main.ts';
  const worker = await startProcess({ name, main, env: { ...env, ...more }, folder, portVariable: 'METRICS_PORT' });
  started.push(worker);
  return worker;
}

/** A job that points at nothing: its handler has nothing to do. */
async function promiseNothing(): Promise<void> {
  const id = newId();
  await inTransaction(database.db, (tx) =>
    promiseJob(tx, { job: 'task.run', payload: { taskId: id }, dedupKey: `test:${id}`, now: systemClock.now() }),
  );
}

it('says when it is ready, works, tells its health and metrics, and ends with 0 on SIGTERM', async () => {
  const worker = await start('polite');
  await promiseNothing();
  await until(async () => (await outbox(database)).length === 0);
  const [live, ready, metrics] = await Promise.all(
    ['health/live', 'health/ready', 'metrics'].map(async (path) => {
      const response = await fetch(`${worker.url}/${path}`);
      return { status: response.status, text: await response.text() };
    }),
  );
  expect([live?.status, ready?.status, metrics?.status]).toEqual([200, 200, 200]);
  expect(JSON.parse(ready?.text ?? '')).toEqual({ ready: true, database: true, redis: true });
  expect(metrics?.text).toMatch(/yunshang_jobs_total\{job="task.run",outcome="done"\} 1/);
  expect(metrics?.text).toMatch(/yunshang_outbox_lag_seconds \d/);
  expect(metrics?.text).toContain('yunshang_alerts{state="waiting"} 0');
  expect(metrics?.text).toContain('yunshang_queue_jobs{job="order.reconcile",state="waiting"} 0');
  expect(metrics?.text).toContain('nodejs_eventloop_lag_p99_seconds');
  worker.kill('SIGTERM');
  expect(await worker.exited()).toBe(0);
});

it('texts a member who agreed, with the keys it is given', async () => {
  const { db } = database;
  const [member] = await makeMembers(db, 1, { quota: 3 });
  const userId = member?.userId ?? '';
  const phone = '+8613900009999';
  const row = { phone_enc: sealedPhone(env['PHONE_KEYS'] ?? '', { userId, phone }), low_quota_sms_at: new Date() };
  await db.updateTable('users').set(row).where('id', '=', userId).execute();
  const id = newId();
  // Of tomorrow, so that it is not too late in the day for it.
  const noticed = new Date(systemClock.now().getTime() + 86_400_000);
  // The day's own, so that the schedule, which runs meanwhile, has nothing left to tell.
  const dedupKey = `low_quota:${userId}:${shanghaiDay(systemClock.now())}`;
  const told = { id, user_id: userId, kind: 'low_quota' as const, dedup_key: dedupKey, details: '{"available":3}' };
  await db
    .insertInto('notices')
    .values({ ...told, sms: 'wanted', created_at: noticed })
    .execute();
  await inTransaction(db, (tx) =>
    promiseJob(tx, { job: 'notice.sms', payload: { noticeId: id }, dedupKey: id, now: systemClock.now() }),
  );
  const worker = await start('texting');
  await until(async () => (await outbox(database)).length === 0);
  const notice = await db.selectFrom('notices').select(['sms', 'sms_error']).where('id', '=', id).executeTakeFirst();
  expect(notice).toEqual({ sms: 'sent', sms_error: null });
  expect((await sandbox.control.sms(phone)).map(({ text }) => text)).toEqual([expect.stringContaining('剩余配额为3')]);
  expect(readFileSync(worker.logFile, 'utf8')).not.toContain(phone.slice(3));
  await worker.stop();
});

const SCHEDULES = [
  'accounts.sweep',
  'alerts.deliver',
  'approvals.expire',
  'assets.sweep',
  'audit.anchor',
  'audit.seal',
  'audit.verify',
  'audit.watch',
  'budgets.watch',
  'callbacks.sweep',
  'costs.storage',
  'costs.watch',
  'fapiao.watch',
  'grants.write-off',
  'guard.review',
  'idempotency.sweep',
  'objects.sweep',
  'providers.probe',
  'quota.low',
  'reconciliation.daily',
  'reports.close',
  'reports.verify',
  'tasks.sweep',
  'uploads.sweep',
  'use.watch',
  'vendors.accounts',
  'vendors.readings',
  'zips.sweep',
];

it('runs each of its schedules without an error', async () => {
  await testRedisUrl(); // empties it: nobody has run them in this period
  const worker = await start('punctual');
  const done = await until(async () => {
    const text = await (await fetch(`${worker.url}/metrics`)).text();
    const names = [...text.matchAll(/yunshang_schedule_runs_total\{schedule="([^"]+)",outcome="done"\}/g)];
    return names.length >= SCHEDULES.length && names.map(([, name]) => name);
  });
  expect(done.toSorted((a, b) => String(a).localeCompare(String(b)))).toEqual(SCHEDULES);
  expect(readFileSync(worker.logFile, 'utf8')).not.toContain('a schedule failed');
  await worker.stop();
});

it('delivers again what a killed worker had taken', async () => {
  const doomed = await start('doomed');
  for (let n = 0; n < 20; n += 1) await promiseNothing();
  doomed.kill('SIGKILL');
  await doomed.exited();
  await start('heir');
  await until(async () => (await outbox(database)).length === 0);
  expect(await outbox(database)).toEqual([]);
});

it('names what is missing from its environment, and no value', async () => {
  const without = start('poor', { WECHAT_API_V3_KEY: 'short', COS_BUCKET: '' });
  await expect(without).rejects.toThrow(/WECHAT_API_V3_KEY: must be 32 characters[\s\S]*COS_BUCKET: is missing/);
});
