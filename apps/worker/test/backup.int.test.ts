import { execFile } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { setTimeout as wait } from 'node:timers/promises';
import {
  anchorFolder,
  createAnchorer,
  createSealer,
  newSigningKeyText,
  parseSigningKey,
  verifyingKeyText,
} from '@yunshang/audit';
import { makeBackup } from '@yunshang/backup';
import { newId, openRaw, type RawDatabase, systemClock } from '@yunshang/db';
import { appEnvironment, makeMember, makeMembers } from '@yunshang/devstack';
import { testDatabase, testSandbox, type TestDatabase } from '@yunshang/devstack/testing';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { placeOf } from '../src/commands/backup-place.ts';
import { readBackupConfig } from '../src/commands/config.ts';

vi.setConfig({ testTimeout: 60_000 });

const key = parseSigningKey(newSigningKeyText('test'));
const aesKey = (byte: number): string => `1:${Buffer.alloc(32, byte).toString('base64')}`;
let database: TestDatabase;
let raw: RawDatabase;
let folder: string;
let env: Record<string, string>;

beforeAll(async () => {
  database = await testDatabase();
  raw = openRaw(database.databaseUrl);
  folder = mkdtempSync(join(tmpdir(), 'ys-backup-'));
  env = {
    DATABASE_URL: database.databaseUrl,
    BACKUP_KEYS: aesKey(1),
    BACKUP_DIR: join(folder, 'backups'),
    AUDIT_PUBLIC_KEYS: verifyingKeyText(key),
    AUDIT_ANCHOR_DIR: join(folder, 'anchors'),
  };
});
afterAll(async () => {
  await raw.close();
  await database.close();
  rmSync(folder, { recursive: true, force: true });
});

/** As an operator runs it: nothing of the environment but what is given. */
function command(name: string, args: string[], given = env): Promise<{ code: unknown; output: string }> {
  const main = join(import.meta.dirname, `../src/commands/${name}-main.ts`);
  return new Promise((resolve) => {
    execFile(process.execPath, ['--conditions=yunshang-src', main, ...args], { env: given }, (error, stdout, stderr) =>
      resolve({ code: error === null ? 0 : error.code, output: `${stdout}${stderr}` }),
    );
  });
}

/** Members come, and rows are sealed and anchored, until somebody says stop. */
function everydayLife(): { stop(): Promise<number> } {
  const { db } = database;
  const sealer = createSealer({ db, raw, clock: systemClock });
  const places = [anchorFolder(join(folder, 'anchors'))];
  const anchorer = createAnchorer({ db, clock: systemClock, key, places, config: { everyMs: 0, everyRows: 0 } });
  const stopping = new AbortController();
  let made = 0;
  const coming = (async () => {
    for (; !stopping.signal.aborted; made += 1) await makeMember(db);
  })();
  const sealing = (async () => {
    while (!stopping.signal.aborted) {
      await sealer.run();
      await anchorer.run();
      await wait(50);
    }
  })();
  return {
    stop: async () => {
      stopping.abort();
      await Promise.all([coming, sealing]);
      return made;
    },
  };
}

it('backs up while others write, and restores a state whose books and chain hold', async () => {
  await makeMembers(database.db, 100);
  const life = everydayLife();
  const backup = await command('backup', []);
  const came = await life.stop();
  expect(backup).toEqual({ code: 0, output: expect.stringMatching(/yunshang-\d{8}T\d{6}Z\.backup: \d+ rows/) });
  expect(came).toBeGreaterThan(0);
  const proof = await command('restore', ['latest', '--verify']);
  expect(proof.output).not.toContain('WRONG');
  expect(proof.output).toMatch(
    /as of 20[^]*OK[^]*every value[^]*OK[^]*migrations[^]*OK[^]*doctor[^]*OK[^]*anchored at/,
  );
  expect(proof.code).toBe(0);
  const { rows } = await raw.read(
    "SELECT COUNT(*) FROM information_schema.schemata WHERE schema_name LIKE 'yunshang\\_verify%'",
  );
  expect(String(rows[0]?.[0])).toBe('0');
});

it('keeps backups in a bucket as it does in a folder, in parts where they are large, and restores them from there', async () => {
  const { url, settings, control } = await testSandbox();
  const { databaseUrl } = database;
  const variables = appEnvironment({ databaseUrl, redisUrl: '', publicUrl: '', vendorUrl: url, settings });
  const { BACKUP_DIR: _folder, ...audit } = env;
  const given = { ...variables, ...audit, BACKUP_BUCKET: settings.bucket, BACKUP_PART_MIB: '1' };
  const config = readBackupConfig(given);
  const place = placeOf(config);
  await writeNoise(3);
  const made = { databaseUrl, key: config.keys[0], workFolder: join(folder, 'work'), place };
  await control.fault({ vendor: 'cos', kind: 'error', status: 403, match: { action: 'CompleteMultipartUpload' } });
  await expect(makeBackup({ ...made, keep: config.keep })).rejects.toMatchObject({ code: 'STORAGE_UNAVAILABLE' });
  expect(await place.list()).toEqual([]);
  const { manifest } = await makeBackup({ ...made, keep: config.keep });
  const parts = (await control.log({ vendor: 'cos' })).filter(
    ({ action, ids }) => action === 'UploadPart' && ids['key'] === `backups/${manifest.name}`,
  );
  expect(parts.length).toBeGreaterThanOrEqual(3);
  const bytes = await buffer(place.read(manifest.name));
  expect(createHash('sha256').update(bytes).digest('hex')).toBe(manifest.sha256);
  expect(await place.list()).toEqual([manifest.name, `${manifest.name}.json`]);
  const proof = await command('restore', ['latest', '--verify'], given);
  expect(proof).toEqual({ code: 0, output: expect.not.stringContaining('WRONG') });
  expect(proof.output).toContain(manifest.name);
  await place.remove(manifest.name);
  expect(await place.list()).toEqual([`${manifest.name}.json`]);
});

/** Rows that no compression makes smaller: that many MiB in the largest column of random bytes. */
async function writeNoise(mib: number): Promise<void> {
  const now = systemClock.now();
  for (let written = 0; written < mib; written += 1) {
    const rows = Array.from({ length: 256 }, () => ({
      id: newId(),
      name: 'noise',
      format: 'wecom' as const,
      host: 'example.com',
      sealed: randomBytes(4_096),
      key_version: 1,
      is_enabled: 0 as const,
      created_at: now,
      updated_at: now,
    }));
    await database.db.insertInto('alert_targets').values(rows).execute();
  }
}

it('says what it needs', () => {
  expect(() => readBackupConfig({})).toThrow('BACKUP_KEYS is missing');
  expect(() => readBackupConfig({ BACKUP_KEYS: aesKey(1) })).toThrow('either BACKUP_DIR or BACKUP_BUCKET');
  expect(() => readBackupConfig({ ...env, BACKUP_KEYS: 'x' })).toThrow('BACKUP_KEYS must look like');
  expect(() => readBackupConfig({ ...env, BACKUP_KEEP: 'all' })).toThrow('days,weeks,months');
  expect(readBackupConfig({ ...env, BACKUP_KEEP: '1,2,3' }).keep).toEqual({ daily: 1, weekly: 2, monthly: 3 });
});
