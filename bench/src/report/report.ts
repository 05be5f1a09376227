import { createReports } from '@yunshang/billing';
import { connect, type Db, migrate, seed } from '@yunshang/db';
import { createDatabase, fakeClock, startServices } from '@yunshang/devstack';
import { sql } from 'kysely';
import { median, table } from '../measure.ts';
import { fillMonth, LEDGER_ROWS } from './rows.ts';

const PERIOD = '2026-11';
const MB = 1_048_576;

type Round = { scanMs: number; openMs: number; closedMs: number };

/** Every row of the month read once and added up, as little as a report can do. */
async function bareScan(db: Db): Promise<void> {
  for (const [name, amount] of [
    ['quota_logs', 'amount'],
    ['cost_entries', 'amount_micro_yuan'],
    ['money_entries', 'amount_fen'],
  ] as const)
    await sql`SELECT COUNT(*), SUM(${sql.ref(amount)}) FROM ${sql.table(name)}`.execute(db);
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await work();
  return performance.now() - began;
}

/**
 * The report of a month with a million rows of quota, half a million of costs and fifty thousand payments, day by day from the ledgers,
 * beside one bare scan of the same rows in the same round; then closed, and read again.
 */
export async function benchReport(rounds: number): Promise<void> {
  const services = await startServices();
  try {
    const { databaseUrl } = await createDatabase(services, 'bench_report');
    await migrate(databaseUrl);
    await seed(databaseUrl);
    const database = connect(databaseUrl);
    const { db } = database;
    console.log(`filled in ${Math.round((await timed(() => fillMonth(db))) / 1000)} s: ${LEDGER_ROWS} rows of quota`);
    const reports = createReports({ db, clock: fakeClock('2026-12-02T04:00:00.000Z') });
    const month = { kind: 'month', period: PERIOD } as const;
    await bareScan(db);
    const hashes = new Set([(await reports.get(month)).sha256]);
    const before = process.memoryUsage().rss;
    let peak = before;
    const watch = setInterval(() => (peak = Math.max(peak, process.memoryUsage().rss)), 20);
    const done: Round[] = [];
    for (let round = 0; round < rounds; round += 1) {
      const scanMs = await timed(() => bareScan(db));
      const openMs = await timed(async () => hashes.add((await reports.get(month)).sha256));
      done.push({ scanMs, openMs, closedMs: 0 });
    }
    const actor = { id: null, role: 'system', requestId: 'bench' } as const;
    const closeMs = await timed(() => reports.close(actor, { day: '2026-11-30', reason: 'bench' }));
    for (const round of done) round.closedMs = await timed(() => reports.get(month));
    hashes.add((await reports.get(month)).sha256);
    clearInterval(watch);
    print(done, { closeMs, memoryMb: Math.round((peak - before) / MB), hashes: hashes.size });
    await database.close();
  } finally {
    await services.stop();
  }
}

const seconds = (ms: number): string => (ms / 1000).toFixed(2);

function print(rounds: readonly Round[], also: { closeMs: number; memoryMb: number; hashes: number }): void {
  console.log(
    table([
      ['', 'seconds', 'times a bare scan'],
      ['one bare scan of the rows', seconds(median(rounds.map(({ scanMs }) => scanMs))), '1.00'],
      [
        'the month from its ledgers',
        seconds(median(rounds.map(({ openMs }) => openMs))),
        median(rounds.map(({ openMs, scanMs }) => openMs / scanMs)).toFixed(2),
      ],
      ['closing its 30 days', seconds(also.closeMs), ''],
      ['the closed month', seconds(median(rounds.map(({ closedMs }) => closedMs))), ''],
    ]),
  );
  console.log(
    `at most ${also.memoryMb} MB more memory; ${also.hashes === 1 ? 'the same bytes each time' : 'DIFFERENT BYTES'}`,
  );
  if (also.hashes !== 1) process.exitCode = 1;
}
