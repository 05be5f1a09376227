import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { auditLagSeconds, createSealer } from '@yunshang/audit';
import { connect, type Db, openRaw, systemClock } from '@yunshang/db';
import { startProcess, startStack } from '@yunshang/devstack';
import { setTimeout as wait } from 'node:timers/promises';
import { MANY_MEMBERS, openOurs } from '../create-task/ours.ts';
import { type Measured, median, table } from '../measure.ts';
import { openMovements } from './movements.ts';

const TIMES = { warmMs: 1_000, measureMs: 4_000 };
/** What sealing may cost whoever creates a task. */
const ALLOWED_PERCENT = 5;
/** How long a row may wait to be sealed while all this goes on. */
const ALLOWED_LAG_SECONDS = 5;
const LAG_EVERY_MS = 200;
/** More refunds than a turn ever makes. */
const MOST_REFUNDS = 15_000;

type Round = { off: Measured; on: Measured; rowsSealed: number; lagSeconds: number };
/** `prepare` is not measured. */
type Work = { name: string; prepare?: () => Promise<void>; measure: (run: string) => Promise<Measured> };

/**
 * What moves quota as fast as it goes, with the audit trail sealed beside it in a process of its own and without, in turns, each as often
 * the first: creating tasks over HTTP, and deducting and refunding by billing's own statements. The trail of a movement is its row of the
 * ledger, written either way; what is off is the sealing. What a turn has left unsealed is sealed before the next and not measured.
 */
export async function benchSealing(rounds: number): Promise<void> {
  const env = { LOG_LEVEL: 'warn', RATE_LIMIT_PER_ADDRESS: '100000000', RATE_LIMIT_PER_CALLER: '100000000' };
  const stack = await startStack({ durable: true, env });
  await stack.worker.stop();
  const database = connect(stack.databaseUrl, { connectionLimit: 20 });
  const folder = mkdtempSync(join(tmpdir(), 'ys-bench-'));
  try {
    const ours = await openOurs(stack, database.db);
    const movements = await openMovements(database.db);
    const works: Work[] = [
      {
        name: `creating tasks over HTTP, ${MANY_MEMBERS.name}`,
        measure: async (run) => (await ours.measure(MANY_MEMBERS, run, TIMES)).measured,
      },
      { name: 'deducting, direct, c=16', measure: () => movements.deduct(TIMES) },
      {
        name: 'refunding, direct, c=16',
        prepare: () => movements.hold(MOST_REFUNDS),
        measure: () => movements.refund(TIMES),
      },
    ];
    for (const work of works) await benchWork(database.db, { work, rounds, folder, databaseUrl: stack.databaseUrl });
    ours.close();
  } finally {
    rmSync(folder, { recursive: true, force: true });
    await database.close();
    await stack.stop();
  }
}

type Bench = { work: Work; rounds: number; folder: string; databaseUrl: string };

async function benchWork(db: Db, { work, rounds, folder, databaseUrl }: Bench): Promise<void> {
  const raw = openRaw(databaseUrl);
  const sealer = createSealer({ db, raw, clock: systemClock });
  const settle = async (): Promise<void> => {
    await work.prepare?.();
    while ((await sealer.run()).rows > 0);
  };
  const without = async (round: number): Promise<Measured> => {
    await settle();
    return work.measure(`off-${round}`);
  };
  console.log(work.name);
  const done: Round[] = [];
  for (let round = 1; round <= rounds; round += 1) {
    const first = round % 2 === 1 ? await without(round) : undefined;
    await settle();
    const beside = await measureBeside(db, { work, databaseUrl, folder, run: `on-${round}` });
    const made = { off: first ?? (await without(round)), ...beside };
    done.push(made);
    console.log(lineOf(round, made));
  }
  await raw.close();
  console.log(report(done));
}

async function measureBeside(
  db: Db,
  { work, databaseUrl, folder, run }: { work: Work; databaseUrl: string; folder: string; run: string },
): Promise<Omit<Round, 'off'>> {
  const main = 'bench/src/sealing/sealer-main.ts';
  const before = await countSealed(db);
  const sealer = await startProcess({ name: run, main, args: [databaseUrl], folder });
  const ending = new AbortController();
  const lag = watchLag(db, ending.signal);
  try {
    const on = await work.measure(run);
    const rowsSealed = (await countSealed(db)) - before;
    if (rowsSealed === 0) throw new Error('the sealer has sealed nothing');
    ending.abort();
    return { on, rowsSealed, lagSeconds: await lag };
  } finally {
    ending.abort();
    await sealer.stop();
  }
}

/** The longest that any row was seen to wait for its seal, until the end. */
async function watchLag(db: Db, ending: AbortSignal): Promise<number> {
  let longest = 0;
  while (!ending.aborted) {
    longest = Math.max(longest, await auditLagSeconds(db, new Date()));
    await wait(LAG_EVERY_MS, undefined, { signal: ending }).catch(() => undefined);
  }
  return longest;
}

async function countSealed(db: Db): Promise<number> {
  const { rows } = await db
    .selectFrom('audit_blocks')
    .select(({ fn }) => fn.sum<string | null>('row_count').as('rows'))
    .executeTakeFirstOrThrow();
  return Number(rows ?? 0);
}

/** What the sealer takes of what is done in a second. */
function costPercent({ off, on }: Round): number {
  return (1 - on.perSecond / off.perSecond) * 100;
}

function lineOf(round: number, { off, on, rowsSealed, lagSeconds }: Round): string {
  return `  round ${round}: off ${off.perSecond.toFixed(0)}/s p99 ${off.p99.toFixed(0)} ms, on ${on.perSecond.toFixed(0)}/s p99 ${on.p99.toFixed(0)} ms with ${rowsSealed} rows sealed, at most ${lagSeconds.toFixed(1)} s late`;
}

function report(rounds: readonly Round[]): string {
  const of = (pick: (round: Round) => number): string => median(rounds.map(pick)).toFixed(0);
  const line = (name: string, side: 'off' | 'on'): string[] => [
    name,
    of((round) => round[side].perSecond),
    of((round) => round[side].p50),
    of((round) => round[side].p99),
  ];
  const ratios = rounds.map(({ off, on }) => on.perSecond / off.perSecond);
  const lag = Math.max(...rounds.map(({ lagSeconds }) => lagSeconds));
  if (lag > ALLOWED_LAG_SECONDS) process.exitCode = 1;
  return [
    table([
      [`medians of ${rounds.length} × ${TIMES.measureMs} ms`, 'per s', 'p50 ms', 'p99 ms'],
      line('sealing off', 'off'),
      line('sealing on', 'on'),
    ]),
    `on/off per round: ${ratios.map((ratio) => ratio.toFixed(2)).join(' ')}; median ${median(ratios).toFixed(2)}`,
    `cost per round, %: ${rounds.map((round) => costPercent(round).toFixed(1)).join(' ')}; median ${median(rounds.map(costPercent)).toFixed(1)}, allowed ${ALLOWED_PERCENT}`,
    `longest wait for a seal: ${lag.toFixed(1)} s, allowed ${ALLOWED_LAG_SECONDS}\n`,
  ].join('\n');
}
