import { createReadStream } from 'node:fs';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { openRaw, type RawDatabase } from '@yunshang/db';
import { testDatabase, type TestDatabase } from '@yunshang/devstack/testing';
import { afterAll, beforeAll, expect, it } from 'vitest';
import {
  backupFolder,
  type BackupKey,
  createDatabase,
  dropDatabase,
  makeBackup,
  type Manifest,
  restoreBackup,
  type Restored,
} from '../src/index.ts';

const KEY = { version: 3, key: Buffer.alloc(32, 3) };
const KEEP = { daily: 7, weekly: 4, monthly: 12 };

let database: TestDatabase;
let source: string;
let target: string;
let raw: RawDatabase;
let folder: string;
let taken: Manifest;

const named = (name: string): string => {
  const url = new URL(database.databaseUrl);
  url.pathname = `${url.pathname}_${name}`;
  return url.href;
};

/** Everything that a careless copy loses. */
const ODD = [
  `CREATE TABLE parents (id CHAR(2) CHARACTER SET ascii COLLATE ascii_bin PRIMARY KEY)`,
  `CREATE TABLE odd (
     id BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY,
     words VARCHAR(60) NULL,
     bytes VARBINARY(60) NULL,
     more MEDIUMBLOB NULL,
     details JSON NULL,
     at DATETIME(3) NULL,
     day DATE NULL,
     parent CHAR(2) CHARACTER SET ascii COLLATE ascii_bin NULL,
     doubled BIGINT AS (CHAR_LENGTH(words) * 2) STORED,
     computed VARCHAR(80) AS (CONCAT(words, '!')) VIRTUAL,
     CONSTRAINT fk_odd_parent FOREIGN KEY (parent) REFERENCES parents (id),
     CONSTRAINT ck_odd_day CHECK (day > '2000-01-01')
   )`,
  `INSERT INTO parents VALUES ('a'), ('b')`,
  `INSERT INTO odd (words, bytes, details, at, day, parent) VALUES
     ('it''s "quoted" \\\\ and \\0 nul\\n', X'00FF275C0A', '{"名": "衣裳 👗", "n": [1, null]}', '2026-03-01 00:00:00.001', '2026-02-28', 'a'),
     ('', '', NULL, NULL, NULL, NULL),
     ('👗', X'', '[]', '0001-01-01 00:00:00', '2026-01-01', 'b')`,
  `INSERT INTO odd (words, more) VALUES ('large', REPEAT(X'00FF27', 400000)), ('large', REPEAT('衣', 200000))`,
  `UPDATE odd SET id = 0 WHERE id = 2`,
  `ALTER TABLE odd AUTO_INCREMENT = 4711`,
  `CREATE PROCEDURE how_many() READS SQL DATA SELECT COUNT(*) FROM odd WHERE words <> 'it''s'`,
  `CREATE TRIGGER odd_no_delete BEFORE DELETE ON odd FOR EACH ROW SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'no'`,
];

beforeAll(async () => {
  database = await testDatabase();
  [source, target] = [named('source'), named('target')];
  folder = await mkdtemp(join(tmpdir(), 'ys-backup-'));
  await Promise.all([dropDatabase(source), dropDatabase(target)]);
  await createDatabase(source);
  raw = openRaw(source);
  for (const statement of ODD) await raw.read(statement);
  ({ manifest: taken } = await backup());
});
afterAll(async () => {
  await raw.close();
  await Promise.all([dropDatabase(source), dropDatabase(target)]);
  await database.close();
  await rm(folder, { recursive: true, force: true });
});

const backup = () =>
  makeBackup({ databaseUrl: source, key: KEY, workFolder: folder, place: backupFolder(folder), keep: KEEP });

async function restore(file: Readable, keys: readonly BackupKey[] = [KEY], sha256 = taken.sha256): Promise<Restored> {
  await dropDatabase(target);
  await createDatabase(target);
  return restoreBackup({ databaseUrl: target, keys }, { file, sha256 });
}

const bytesOf = (name: string): Promise<Buffer> => readFile(join(folder, name));

it('restores every value, counter, check, computed column and trigger as it was', async () => {
  const restored = await restore(createReadStream(join(folder, taken.name)), [{ version: 9, key: KEY.key }, KEY]);
  expect(restored).toEqual({ takenAt: new Date(taken.takenAt), tables: 2, rows: 7, differences: [] });
  const copy = openRaw(target);
  try {
    await expect(copy.read('DELETE FROM odd')).rejects.toThrow('no');
    await expect(copy.read("UPDATE odd SET day = '1999-01-01' WHERE id = 1")).rejects.toThrow('ck_odd_day');
    await expect(copy.read("UPDATE odd SET parent = 'x' WHERE id = 1")).rejects.toThrow('fk_odd_parent');
    await copy.read("INSERT INTO odd (words) VALUES ('next')");
    const { rows } = await copy.read("SELECT id, doubled FROM odd WHERE words IN ('next', '') ORDER BY id");
    expect(rows.map((row) => row.map(String))).toEqual([
      ['0', '0'],
      ['4711', '8'],
    ]);
  } finally {
    await copy.close();
  }
});

it('tells what a backup holds without its key, and keeps no half of one', async () => {
  const text = await readFile(join(folder, `${taken.name}.json`), 'utf8');
  expect(JSON.parse(text)).toMatchObject({
    keyVersion: 3,
    bytes: (await bytesOf(taken.name)).length,
    rows: { odd: 5 },
  });
  expect((await readdir(folder)).toSorted()).toEqual([taken.name, `${taken.name}.json`]);
  expect((await bytesOf(taken.name)).includes('quoted')).toBe(false);
});

it('removes what nothing keeps, once the new one is there', async () => {
  const old = 'yunshang-20200101T000000Z.backup';
  for (const name of [old, `${old}.json`, 'notes.txt']) await writeFile(join(folder, name), 'x');
  const { manifest, removed } = await makeBackup({
    databaseUrl: source,
    key: KEY,
    workFolder: folder,
    place: backupFolder(folder),
    keep: { daily: 1, weekly: 0, monthly: 0 },
  });
  expect(removed).toContain(old);
  expect((await readdir(folder)).toSorted()).toEqual(['notes.txt', manifest.name, `${manifest.name}.json`]);
  taken = manifest;
});

it('refuses what is damaged, cut, of another key or of another manifest', async () => {
  const whole = await bytesOf(taken.name);
  const changed = Buffer.from(whole);
  changed.writeUInt8(changed.readUInt8(whole.length - 100) ^ 1, whole.length - 100);
  await expect(restore(Readable.from([changed]))).rejects.toThrow(/does not open: the (file|key)/);
  await expect(restore(Readable.from([whole.subarray(0, -50)]))).rejects.toThrow('does not open');
  await expect(restore(Readable.from([whole]), [{ version: 3, key: Buffer.alloc(32) }])).rejects.toThrow('another one');
  await expect(restore(Readable.from([whole]), [{ version: 4, key: KEY.key }])).rejects.toThrow('sealed with key 3');
  await expect(restore(Readable.from([whole]), [KEY], '0'.repeat(64))).rejects.toThrow('manifest');
});

it('writes into an empty database only', async () => {
  const into = { databaseUrl: source, keys: [KEY] };
  await expect(restoreBackup(into, { file: Readable.from([await bytesOf(taken.name)]) })).rejects.toThrow('not empty');
});

it('says so when the database holds what a backup does not', async () => {
  await raw.read('CREATE VIEW seen AS SELECT id FROM odd');
  try {
    await expect(backup()).rejects.toThrow('also has seen');
    expect((await readdir(folder)).filter((name) => name.endsWith('.part'))).toEqual([]);
  } finally {
    await raw.read('DROP VIEW seen');
  }
});
