import { readFileSync } from 'node:fs';
import { connect } from '@yunshang/db';
import { createDatabase, startStack } from '@yunshang/devstack';
import { load, type Measured, median, table } from '../measure.ts';
import { openFloor } from './floor.ts';
import { MANY_MEMBERS, openOurs, type Scenario, USERS } from './ours.ts';

const WARM_MS = 500;
const MEASURE_MS = 1500;

type Round = { floor: Measured; ours: Measured; serverCpuMicros: number };

const SCENARIOS: readonly Scenario[] = [MANY_MEMBERS, { name: 'one member, c=100', concurrency: 100, userOf: () => 0 }];

/** CPU time that a process has used, in µs: counts in hundredths of a second. */
function cpuMicros(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ') ?? [];
  return (Number(fields[11]) + Number(fields[12])) * 10_000;
}

async function measureFloor(scenario: Scenario, databaseUrl: string): Promise<Measured> {
  const own = await createDatabase({ databaseUrl }, `floor_${Date.now().toString(36)}`);
  const floor = await openFloor(own.databaseUrl, USERS);
  let turn = 0;
  try {
    return await load({ concurrency: scenario.concurrency, warmMs: WARM_MS, measureMs: MEASURE_MS }, () => {
      turn += 1;
      return floor.createTask(scenario.userOf(turn));
    });
  } finally {
    await floor.close();
    await own.drop();
  }
}

function report(scenario: Scenario, rounds: readonly Round[]): string {
  const of = (pick: (round: Round) => number): string => median(rounds.map(pick)).toFixed(0);
  const ratios = rounds.map((round) => round.ours.perSecond / round.floor.perSecond);
  const line = (name: string, side: 'floor' | 'ours'): string[] => [
    name,
    of((r) => r[side].perSecond),
    of((r) => r[side].p50),
    of((r) => r[side].p95),
    of((r) => r[side].p99),
  ];
  return [
    `\n${scenario.name} (medians of ${rounds.length} rounds)`,
    table([
      ['', 'per s', 'p50 ms', 'p95 ms', 'p99 ms'],
      line('a floor, direct', 'floor'),
      line('b ours, HTTP', 'ours'),
    ]),
    `server CPU per call: ${of((r) => r.serverCpuMicros)} µs`,
    `b/a per round: ${ratios.map((ratio) => ratio.toFixed(2)).join(' ')}; median ${median(ratios).toFixed(2)}`,
  ].join('\n');
}

/**
 * Creating a task over HTTP (authentication, validation, limits, charge, task, outbox) beside the least that charging costs
 * in the same database, both with innodb_flush_log_at_trx_commit=1, in turns. No worker runs, so that nothing else loads
 * the machine.
 */
export async function benchCreateTask(rounds: number): Promise<void> {
  const env = { LOG_LEVEL: 'warn', RATE_LIMIT_PER_ADDRESS: '100000000', RATE_LIMIT_PER_CALLER: '100000000' };
  const stack = await startStack({ durable: true, env });
  await stack.worker.stop();
  const database = connect(stack.databaseUrl);
  try {
    const calling = await openOurs(stack, database.db);
    console.log(
      `innodb_flush_log_at_trx_commit=1; ${rounds} rounds of ${MEASURE_MS} ms after ${WARM_MS} ms, floor and ours in turns`,
    );
    for (const scenario of SCENARIOS) {
      const done: Round[] = [];
      for (let round = 1; round <= rounds; round += 1) {
        const floor = await measureFloor(scenario, stack.databaseUrl);
        const before = cpuMicros(stack.server.pid);
        const times = { warmMs: WARM_MS, measureMs: MEASURE_MS };
        const { measured: ours, calls } = await calling.measure(scenario, `${scenario.concurrency}-${round}`, times);
        done.push({ floor, ours, serverCpuMicros: (cpuMicros(stack.server.pid) - before) / calls });
        console.log(
          `  round ${round}: floor ${floor.perSecond.toFixed(0)}/s p99 ${floor.p99.toFixed(0)} ms, ours ${ours.perSecond.toFixed(0)}/s p99 ${ours.p99.toFixed(0)} ms`,
        );
      }
      console.log(report(scenario, done));
    }
    calling.close();
  } catch (error) {
    console.error(readFileSync(stack.server.logFile, 'utf8').slice(-2000));
    throw error;
  } finally {
    await database.close();
    await stack.stop();
  }
}
