import { isAppError, REPORT_FORMATS, REPORT_KINDS, type ReportKind } from '@yunshang/contracts';
import { connect, type Db, systemClock, shanghaiDay } from '@yunshang/db';
import { writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { readReportConfig } from './config.ts';
import { previousDay, within } from './period.ts';
import { reportFile } from './report-file.ts';
import { createReports } from './reports.ts';
import { verifyReports } from './verify-reports.ts';

const USAGE = `usage: pnpm report day|month|year [period] [--format json|csv|xlsx|svg] [--out file]
       pnpm report close <day> --reason text
       pnpm report verify`;

/** 0: done. 1: verify found a difference. 2: it could not be done. */
async function main(args: readonly string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: { format: { type: 'string', default: 'json' }, out: { type: 'string' }, reason: { type: 'string' } },
  });
  const [command, period] = positionals;
  const database = connect(readReportConfig().databaseUrl, { connectionLimit: 2 });
  try {
    if (command === 'verify') return await verify(database.db);
    if (command === 'close') return await close(database.db, period, values.reason);
    const kind = REPORT_KINDS.find((each) => each === command);
    if (kind === undefined) throw new Error(USAGE);
    return await write(database.db, { kind, period, ...values });
  } finally {
    await database.close();
  }
}

async function write(
  db: Db,
  wish: { kind: ReportKind; period?: string | undefined; format: string; out?: string | undefined },
): Promise<number> {
  const format = REPORT_FORMATS.find((each) => each === wish.format);
  if (format === undefined) throw new Error(USAGE);
  const yesterday = previousDay(shanghaiDay(systemClock.now()));
  const period = wish.period ?? within(wish.kind, yesterday);
  const { report, sha256, closedAt } = await createReports({ db, clock: systemClock }).get({ kind: wish.kind, period });
  const { bytes } = await reportFile(report, format);
  if (wish.out === undefined) process.stdout.write(bytes);
  else await writeFile(wish.out, bytes);
  console.error(`${period} ${closedAt === null ? 'is open' : `closed at ${closedAt}`}, sha256 ${sha256}`);
  return 0;
}

async function close(db: Db, day: string | undefined, reason: string | undefined): Promise<number> {
  if (day === undefined || reason === undefined) throw new Error(USAGE);
  const actor = { id: null, role: 'system', requestId: 'pnpm-report-close' } as const;
  const closed = await createReports({ db, clock: systemClock }).close(actor, { day, reason });
  for (const { kind, period, sha256 } of closed) console.log(`closed ${kind} ${period} ${sha256}`);
  return 0;
}

async function verify(db: Db): Promise<number> {
  const { periods, differences } = await verifyReports(db);
  for (const { period, why } of differences) console.log(`${period}: ${why}`);
  console.log(`${periods} closed periods, ${differences.length} that the ledgers do not make again`);
  return differences.length === 0 ? 0 : 1;
}

function wordsOf(error: unknown): string {
  if (!isAppError(error)) return error instanceof Error ? error.message : String(error);
  const { issues = [], reason } = error.details;
  return [error.code, reason, ...issues.map(({ field, en }) => `${field}: ${en}`)].filter(Boolean).join(' ');
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  console.error(`report: ${wordsOf(error)}`);
  process.exitCode = 2;
}
