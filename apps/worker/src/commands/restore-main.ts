import { buffer } from 'node:stream/consumers';
import { parseArgs, styleText } from 'node:util';
import { verdictOf, verifyChain } from '@yunshang/audit';
import { type BackupPlace, createDatabase, dropDatabase, restoreBackup } from '@yunshang/backup';
import { connect, openRaw, pendingMigrations } from '@yunshang/db';
import { runDoctor } from '@yunshang/guard';
import { z } from 'zod';
import { anchorPlaces } from './anchor-places.ts';
import { placeOf } from './backup-place.ts';
import { type BackupCommandConfig, readAuditConfigFor, readBackupConfig } from './config.ts';
import { progressLine } from './progress-line.ts';

const USAGE = 'usage: pnpm restore <backup, or latest> [--verify [--keep]]';

/** 0: restored, and as it was. 1: restored, and something of it is wrong. 2: not restored. */
async function main(): Promise<number> {
  const options = { verify: { type: 'boolean' }, keep: { type: 'boolean' } } as const;
  const { values, positionals } = parseArgs({ options, allowPositionals: true });
  const [wanted, ...more] = positionals;
  if (wanted === undefined || more.length > 0) throw new Error(USAGE);
  const config = readBackupConfig();
  const databaseUrl = targetOf(config, values.verify ?? false);
  const place = placeOf(config);
  const name = wanted === 'latest' ? await newest(place) : wanted;
  await createDatabase(databaseUrl);
  try {
    return (await restore(databaseUrl, { place, name, keys: config.keys })) ? 0 : 1;
  } finally {
    if (values.verify === true && values.keep !== true) await dropDatabase(databaseUrl);
  }
}

/** A proof is made in a database of its own on that server; else the database is the one that is named. */
function targetOf({ databaseUrl, restoreUrl }: BackupCommandConfig, isVerify: boolean): string {
  const target = restoreUrl ?? (isVerify ? databaseUrl : undefined);
  if (target === undefined) throw new Error('RESTORE_URL is missing: the database to restore into');
  if (!isVerify) return target;
  const url = new URL(target);
  url.pathname = `/yunshang_verify_${process.pid}_${Date.now()}`;
  return url.href;
}

async function newest(place: BackupPlace): Promise<string> {
  const name = (await place.list())
    .filter((each) => each.endsWith('.backup'))
    .toSorted()
    .at(-1);
  if (name === undefined) throw new Error('there is no backup');
  return name;
}

const manifestSchema = z.object({ sha256: z.string() });

async function manifestOf(place: BackupPlace, name: string): Promise<{ sha256?: string }> {
  if (!(await place.list()).includes(`${name}.json`)) return {};
  return manifestSchema.parse(JSON.parse((await buffer(place.read(`${name}.json`))).toString('utf8')));
}

async function restore(
  databaseUrl: string,
  from: { place: BackupPlace; name: string; keys: BackupCommandConfig['keys'] },
): Promise<boolean> {
  const { place, name, keys } = from;
  const progress = progressLine();
  const { sha256 } = await manifestOf(place, name);
  const restored = await restoreBackup(
    { databaseUrl, keys },
    { file: place.read(name), sha256, onProgress: (table) => progress.show(table) },
  ).finally(() => progress.clear());
  const { takenAt, rows, tables, differences } = restored;
  console.log(`${name}: 数据时间 as of ${takenAt.toISOString()}, ${tables} tables, ${rows} rows`);
  const checks = [
    { what: '与备份逐值一致 every value as in the backup', wrong: differences },
    { what: '迁移 migrations', wrong: (await pendingMigrations(databaseUrl)).map((each) => `${each} is not applied`) },
    { what: '账目 doctor', wrong: await examine(databaseUrl, takenAt) },
    await proveChain(databaseUrl, takenAt),
  ];
  for (const { what, wrong } of checks) {
    console.log(`${wrong.length === 0 ? styleText('green', 'OK') : styleText('red', 'WRONG')} ${what}`);
    for (const each of wrong.slice(0, 20)) console.log(`   ${each}`);
  }
  return checks.every(({ wrong }) => wrong.length === 0);
}

/** What the books say, judged as of then. */
async function examine(databaseUrl: string, takenAt: Date): Promise<string[]> {
  const database = connect(databaseUrl, { connectionLimit: 1 });
  try {
    const findings = await runDoctor(database.db, { now: takenAt });
    return findings
      .filter(({ severity }) => severity === 'error')
      .map(({ rule, table, id, detail }) => `${rule} (${table}) ${id}: ${detail}`);
  } finally {
    await database.close();
  }
}

/** The chain, against the anchors that had been made by then. */
async function proveChain(databaseUrl: string, takenAt: Date): Promise<{ what: string; wrong: string[] }> {
  const config = readAuditConfigFor(databaseUrl);
  const withoutAnchors = config.keys.size === 0;
  const database = connect(databaseUrl, { connectionLimit: 2 });
  const raw = openRaw(databaseUrl, { connectionLimit: 2 });
  try {
    const report = await verifyChain(
      { db: database.db, raw, clock: { now: () => takenAt }, keys: config.keys, places: anchorPlaces(config) },
      { isCopy: true, withoutAnchors },
    );
    const compared = withoutAnchors ? 'without anchors: set AUDIT_PUBLIC_KEYS' : verdictOf(report).en;
    const wrong = report.findings.map(({ where, id, kind, detail }) => `${where} ${id} ${kind}: ${detail}`);
    return { what: `审计链 audit chain, ${compared}`, wrong };
  } finally {
    await Promise.all([database.close(), raw.close()]);
  }
}

try {
  process.exitCode = await main();
} catch (error) {
  console.error(`restore: ${error instanceof Error ? error.message : 'failed'}`);
  process.exitCode = 2;
}
