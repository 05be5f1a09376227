import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  anchorFolder,
  createAnchorer,
  createSealer,
  newSigningKeyText,
  parseSigningKey,
  verifyingKeyText,
} from '@yunshang/audit';
import { openRaw, type RawDatabase, systemClock } from '@yunshang/db';
import { makeMembers } from '@yunshang/devstack';
import { testDatabase, type TestDatabase } from '@yunshang/devstack/testing';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { readAuditConfig } from '../src/commands/config.ts';

vi.setConfig({ testTimeout: 60_000 });

const keyText = newSigningKeyText('test');
const key = parseSigningKey(keyText);
let database: TestDatabase;
let raw: RawDatabase;
let folder: string;
let env: Record<string, string>;

beforeAll(async () => {
  database = await testDatabase();
  raw = openRaw(database.databaseUrl);
  folder = mkdtempSync(join(tmpdir(), 'ys-audit-'));
  const { db } = database;
  await makeMembers(db, 30);
  await createSealer({ db, raw, clock: systemClock }).run();
  const config = { everyMs: 0, everyRows: 0 };
  await createAnchorer({ db, clock: systemClock, key, places: [anchorFolder(folder)], config }).run();
  env = { DATABASE_URL: database.databaseUrl, AUDIT_PUBLIC_KEYS: verifyingKeyText(key), AUDIT_ANCHOR_DIR: folder };
});
afterAll(async () => {
  await raw.close();
  await database.close();
  rmSync(folder, { recursive: true, force: true });
});

/** As an auditor runs it: nothing of the environment but what is given. */
function audit(args: string[], given: Record<string, string> = env): Promise<{ code: unknown; output: string }> {
  const main = join(import.meta.dirname, '../src/commands/audit-main.ts');
  return new Promise((resolve) => {
    execFile(process.execPath, ['--conditions=yunshang-src', main, ...args], { env: given }, (error, stdout, stderr) =>
      resolve({ code: error === null ? 0 : error.code, output: `${stdout}${stderr}` }),
    );
  });
}

it('ends with 0 and says what was proven', async () => {
  const { code, output } = await audit(['verify']);
  expect(output).toMatch(/OK[^]*60 条记录[^]*rows quota_logs 30[^]*database 1, folder 1/);
  expect(code).toBe(0);
});

it('ends with 1 and names the first row', async () => {
  await raw.read('DROP TRIGGER quota_logs_no_update');
  await raw.read("UPDATE quota_logs SET cause = 'gift' ORDER BY id LIMIT 1 ");
  await raw.read(`CREATE TRIGGER quota_logs_no_update BEFORE UPDATE ON quota_logs FOR EACH ROW
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'quota_logs is append-only'`);
  const { code, output } = await audit(['verify', '--from', '2000-01-01', '--json']);
  expect({ code, output: JSON.parse(output) }).toMatchObject({
    code: 1,
    output: { ok: false, findings: [{ kind: 'row_changed', where: 'quota_logs' }] },
  });
});

it('ends with 2 when it can not look, and says why', async () => {
  const { code, output } = await audit(['verify', '--from', '999']);
  expect({ code, output }).toEqual({ code: 2, output: expect.stringContaining('no block 999') });
});

it('says what it needs', () => {
  expect(() => readAuditConfig({})).toThrow('DATABASE_URL is missing');
  expect(() => readAuditConfig({ ...env, AUDIT_PUBLIC_KEYS: 'nonsense' })).toThrow(/AUDIT_PUBLIC_KEYS.*id:base64/);
  expect(() => readAuditConfig({ ...env, AUDIT_ANCHOR_BUCKET: 'anchors-1250000000' })).toThrow('COS_REGION is missing');
  expect(readAuditConfig({ ...env, AUDIT_PUBLIC_KEYS: '' })).toMatchObject({ keys: new Map(), bucket: undefined });
});
