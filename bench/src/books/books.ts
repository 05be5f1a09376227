import { createSealer, verifyChain } from '@yunshang/audit';
import { connect, type Db, migrate, openRaw, seed, systemClock } from '@yunshang/db';
import { createDatabase, startServices } from '@yunshang/devstack';
import { runDoctor } from '@yunshang/guard';
import { sql } from 'kysely';
import { table } from '../measure.ts';
import { fillBooks } from './fill.ts';

/** Ledger rows at which everything is measured, each on top of the one before. */
const SIZES = [30_000, 100_000, 300_000, 1_000_000];
/** Memory the database has for pages: much while it is filled, and then so little that the books are many times as large. */
const FILLING_BYTES = 1024 * 1_048_576;
const MEASURED_BYTES = 128 * 1_048_576;
/** Screens and rules quicker than this at every size are left out of the table. */
const QUICK_SECONDS = 0.5;

type Round = {
  rows: number;
  rules: Map<string, number>;
  doctor: number;
  seal: number;
  sealed: number;
  verify: number;
  rssMb: number;
  dataMb: number;
};

/** How `pnpm doctor`, sealing and `pnpm audit verify` grow with the books, in seconds, and how much memory the process takes. */
export async function benchBooks(largest: number): Promise<void> {
  const services = await startServices();
  try {
    const { databaseUrl } = await createDatabase(services, 'books');
    await migrate(databaseUrl);
    await seed(databaseUrl);
    const database = connect(databaseUrl, { connectionLimit: 2 });
    const rounds: Round[] = [];
    for (const size of SIZES.filter((each) => each <= largest)) {
      await givePages(database.db, FILLING_BYTES);
      await fillBooks(database.db, size - (rounds.at(-1)?.rows ?? 0));
      await sql`ANALYZE TABLE users, tasks, quota_logs, quota_grants, quota_charges, quota_allocations, task_events, task_attempts,
        cost_entries, money_entries, orders, payment_transactions, membership_periods`.execute(database.db);
      await givePages(database.db, MEASURED_BYTES);
      const round = await measure(database.db, { databaseUrl, rows: size });
      rounds.push(round);
      console.log(
        `${size}: doctor ${round.doctor.toFixed(1)} s, sealed ${round.sealed} rows in ${round.seal.toFixed(1)} s, verify ${round.verify.toFixed(1)} s, ${round.rssMb} MB; data ${round.dataMb} MB`,
      );
    }
    await database.close();
    console.log(report(rounds));
  } finally {
    await services.stop();
  }
}

async function givePages(db: Db, bytes: number): Promise<void> {
  await sql`SET GLOBAL innodb_buffer_pool_size = ${sql.lit(bytes)}`.execute(db);
}

async function dataMegabytes(db: Db): Promise<number> {
  const { rows } = await sql<{ mb: string | null }>`SELECT ROUND(SUM(data_length + index_length) / 1000000) AS mb
    FROM information_schema.tables WHERE table_schema = DATABASE()`.execute(db);
  return Number(rows[0]?.mb ?? 0);
}

async function measure(db: Db, { databaseUrl, rows }: { databaseUrl: string; rows: number }): Promise<Round> {
  const rules = new Map<string, number>();
  const fromMs = performance.now();
  const findings = await runDoctor(db, {
    now: systemClock.now(),
    onDone: (name, seconds) => rules.set(name, seconds),
  });
  const doctor = (performance.now() - fromMs) / 1000;
  if (findings.length > 0)
    console.log([...new Set(findings.map(({ rule, detail }) => `${rule}: ${detail}`))].slice(0, 5));
  const raw = openRaw(databaseUrl);
  const sealer = createSealer({ db, raw, clock: systemClock });
  const sealMs = performance.now();
  let sealed = 0;
  for (let done = await sealer.run(); done.rows > 0; done = await sealer.run()) sealed += done.rows;
  const seal = (performance.now() - sealMs) / 1000;
  const proof = await verifyChain(
    { db, raw, clock: systemClock, keys: new Map(), places: [] },
    { withoutAnchors: true },
  );
  await raw.close();
  if (!proof.ok) throw new Error(`the chain is not proven: ${JSON.stringify(proof.findings[0])}`);
  return {
    rows,
    rules,
    doctor,
    seal,
    sealed,
    verify: proof.seconds,
    rssMb: Math.round(process.memoryUsage.rss() / 1e6),
    dataMb: await dataMegabytes(db),
  };
}

function report(rounds: readonly Round[]): string {
  const names = [...(rounds.at(-1)?.rules ?? new Map<string, number>())].toSorted((one, other) => other[1] - one[1]);
  const shown = names.filter(([, seconds]) => seconds >= QUICK_SECONDS).map(([name]) => name);
  const line = (name: string, of: (round: Round) => number): string[] => [
    name,
    ...rounds.map((round) => of(round).toFixed(2)),
  ];
  return table([
    ['seconds at rows', ...rounds.map(({ rows }) => String(rows))],
    ...shown.map((name) => line(name, ({ rules }) => rules.get(name) ?? 0)),
    line('the whole doctor', ({ doctor }) => doctor),
    line('audit verify', ({ verify }) => verify),
    line('rows sealed a second', ({ sealed, seal }) => sealed / seal),
    line('memory, MB', ({ rssMb }) => rssMb),
    line(`data, MB, of which ${MEASURED_BYTES / 1_048_576} fit in memory`, ({ dataMb }) => dataMb),
  ]);
}
