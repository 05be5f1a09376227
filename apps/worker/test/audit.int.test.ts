import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { anchorBucket, anchorFolder, createVerifications, verifyChain } from '@yunshang/audit';
import { inTransaction, newId, openRaw, recordAudit, systemClock } from '@yunshang/db';
import { appEnvironment, makeMember, startProcess, until, type NodeProcess } from '@yunshang/devstack';
import {
  testDatabase,
  testRedisUrl,
  testSandbox,
  type TestDatabase,
  type TestSandbox,
} from '@yunshang/devstack/testing';
import { createCosStorage } from '@yunshang/pipeline';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { readConfig } from '../src/config.ts';

vi.setConfig({ testTimeout: 60_000 });

let database: TestDatabase;
let sandbox: TestSandbox;
let env: Record<string, string>;
let folder: string;
let worker: NodeProcess | undefined;

beforeAll(async () => {
  database = await testDatabase();
  sandbox = await testSandbox();
  folder = mkdtempSync(join(tmpdir(), 'ys-audit-'));
  env = {
    ...appEnvironment({
      databaseUrl: database.databaseUrl,
      redisUrl: await testRedisUrl(),
      publicUrl: 'http://127.0.0.1:1',
      vendorUrl: sandbox.url,
      settings: sandbox.settings,
    }),
    AUDIT_ANCHOR_DIR: join(folder, 'anchors'),
    AUDIT_ANCHOR_MS: '1000',
  };
});
afterAll(async () => {
  await worker?.stop();
  await database.close();
  rmSync(folder, { recursive: true, force: true });
});

const write = (action: string): Promise<void> =>
  inTransaction(database.db, (tx) =>
    recordAudit(
      tx,
      { id: null, role: 'system', requestId: newId() },
      { action, subjectType: 'test', subjectId: '1', details: {}, now: new Date() },
    ),
  );

it('seals and anchors while it works, under lock in the bucket, and proves the chain when asked', async () => {
  const { db } = database;
  worker = await startProcess({
    name: 'sealing',
    main: 'apps/worker/src/main.ts',
    env,
    folder,
    portVariable: 'METRICS_PORT',
  });
  await write('test.one');
  await until(async () => (await db.selectFrom('audit_anchors').select('n').execute()).length > 0);
  const metrics = await (await fetch(`${worker.url}/metrics`)).text();
  expect(metrics).toMatch(/yunshang_audit_lag_seconds \d/);

  const { userId } = await makeMember(db, { quota: 0 });
  const verifications = createVerifications({ db, clock: systemClock });
  const actor = { id: userId, role: 'auditor', requestId: newId() } as const;
  const asked = await verifications.request(actor, {});
  expect(asked.status).toBe('waiting');
  expect((await verifications.request(actor, {})).id).toBe(asked.id);
  const [done] = await until(async () => {
    const list = await verifications.list();
    return list[0]?.status === 'waiting' ? undefined : list;
  });
  expect(done).toMatchObject({ id: asked.id, status: 'proven', report: { ok: true, findings: [] } });
  expect(done?.verdict?.en).toContain('as they were sealed');

  // What was asked for is itself on record, and sealed in its turn.
  const config = readConfig(env);
  const storage = createCosStorage(config.cos);
  const places = [
    anchorFolder(join(folder, 'anchors')),
    anchorBucket(storage, { prefix: config.audit.prefix, retentionDays: 1 }),
  ];
  await until(async () => (await db.selectFrom('audit_anchors').select('n').execute()).length >= 2);
  await worker.stop();
  const raw = openRaw(database.databaseUrl);
  const report = await verifyChain({ db, raw, clock: systemClock, keys: config.audit.keys, places });
  await raw.close();
  expect(report.findings).toEqual([]);
  expect(report.anchored?.n).toBe(report.anchors['bucket']);
  expect(report.rows['audit_logs']).toBeGreaterThanOrEqual(2);

  const { objects } = await storage.list(config.audit.prefix);
  const key = objects[0]?.key ?? '';
  await expect(storage.delete(key)).rejects.toMatchObject({ code: 'STORAGE_UNAVAILABLE' });
  await expect(storage.put(key, Buffer.from('other'), 'application/json')).rejects.toMatchObject({
    code: 'STORAGE_UNAVAILABLE',
  });
});

it('refuses a key that is none', () => {
  expect(() => readConfig({ ...env, AUDIT_SIGNING_KEY: 'x' })).toThrow(/AUDIT_SIGNING_KEY: must look like id:base64/);
  expect(() => readConfig({ ...env, AUDIT_VERIFY_HOUR: '24' })).toThrow('AUDIT_VERIFY_HOUR');
});
