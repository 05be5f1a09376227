import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createSealer } from '@yunshang/audit';
import { connect, type Db, openRaw, systemClock } from '@yunshang/db';
import { startProcess, startStack } from '@yunshang/devstack';
import { MANY_MEMBERS, openOurs, type Ours } from '../create-task/ours.ts';
import { type Measured, median, table } from '../measure.ts';

const TIMES = { warmMs: 1_000, measureMs: 4_000 };
/** What sealing may cost whoever creates a task. */
const ALLOWED_PERCENT = 5;

type Round = { off: Measured; on: Measured; rowsSealed: number };

/**
 * Creating tasks over HTTP as fast as the server takes them, with the sealer of the audit log beside it in a process of its own and
 * without, in turns, each as often the first. What a turn has left unsealed is sealed before the next and not measured.
 */
export async function benchSealing(rounds: number): Promise<void> {
  const env = { LOG_LEVEL: 'warn', RATE_LIMIT_PER_ADDRESS: '100000000', RATE_LIMIT_PER_CALLER: '100000000' };
  const stack = await startStack({ durable: true, env });
  await stack.worker.stop();
  const database = connect(stack.databaseUrl);
  const raw = openRaw(stack.databaseUrl);
  const folder = mkdtempSync(join(tmpdir(), 'ys-bench-'));
  try {
    const ours = await openOurs(stack, database.db);
    const sealer = createSealer({ db: database.db, raw, clock: systemClock });
    const sealAll = async (): Promise<void> => {
      while ((await sealer.run()).rows > 0);
    };
    const without = async (round: number): Promise<Measured> => {
      await sealAll();
      return (await ours.measure(MANY_MEMBERS, `off-${round}`, TIMES)).measured;
    };
    const done: Round[] = [];
    for (let round = 1; round <= rounds; round += 1) {
      const first = round % 2 === 1 ? await without(round) : undefined;
      await sealAll();
      const beside = { ours, databaseUrl: stack.databaseUrl, folder, run: `on-${round}` };
      const { on, rowsSealed } = await measureBeside(database.db, beside);
      const made = { off: first ?? (await without(round)), on, rowsSealed };
      done.push(made);
      console.log(lineOf(round, made));
    }
    ours.close();
    console.log(report(done));
  } finally {
    rmSync(folder, { recursive: true, force: true });
    await raw.close();
    await database.close();
    await stack.stop();
  }
}

async function measureBeside(
  db: Db,
  { ours, databaseUrl, folder, run }: { ours: Ours; databaseUrl: string; folder: string; run: string },
): Promise<{ on: Measured; rowsSealed: number }> {
  const main = 'bench/src/sealing/sealer-main.ts';
  const before = await countSealed(db);
  const sealer = await startProcess({ name: run, main, args: [databaseUrl], folder });
  try {
    const { measured: on } = await ours.measure(MANY_MEMBERS, run, TIMES);
    const rowsSealed = (await countSealed(db)) - before;
    if (rowsSealed === 0) throw new Error('the sealer has sealed nothing');
    return { on, rowsSealed };
  } finally {
    await sealer.stop();
  }
}

async function countSealed(db: Db): Promise<number> {
  const { rows } = await db
    .selectFrom('audit_blocks')
    .select(({ fn }) => fn.sum<string | null>('row_count').as('rows'))
    .executeTakeFirstOrThrow();
  return Number(rows ?? 0);
}

/** What the sealer takes of the tasks created in a second. */
function costPercent({ off, on }: Round): number {
  return (1 - on.perSecond / off.perSecond) * 100;
}

function lineOf(round: number, { off, on, rowsSealed }: Round): string {
  return `  round ${round}: off ${off.perSecond.toFixed(0)}/s p99 ${off.p99.toFixed(0)} ms, on ${on.perSecond.toFixed(0)}/s p99 ${on.p99.toFixed(0)} ms with ${rowsSealed} rows sealed`;
}

function report(rounds: readonly Round[]): string {
  const of = (pick: (round: Round) => number): string => median(rounds.map(pick)).toFixed(0);
  const line = (name: string, side: 'off' | 'on'): string[] => [
    name,
    of((round) => round[side].perSecond),
    of((round) => round[side].p50),
    of((round) => round[side].p99),
  ];
  return [
    `${MANY_MEMBERS.name} (medians of ${rounds.length} rounds of ${TIMES.measureMs} ms)`,
    table([['', 'per s', 'p50 ms', 'p99 ms'], line('sealer off', 'off'), line('sealer on', 'on')]),
    `cost per round, %: ${rounds.map((round) => costPercent(round).toFixed(1)).join(' ')}; median ${median(rounds.map(costPercent)).toFixed(1)}, allowed ${ALLOWED_PERCENT}`,
  ].join('\n');
}
