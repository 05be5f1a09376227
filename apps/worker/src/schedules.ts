import { setTimeout as wait } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { Metrics } from './metrics.ts';
import type { RunnerLock } from './single-runner.ts';

export type Schedule = {
  name: string;
  /** From the beginning of one run to the beginning of the next, over all processes. */
  everyMs: number;
  /** The longest a run may take before another process may begin one beside it. */
  lockMs: number;
  /** Safe to run at any time, any number of times, beside itself. */
  run(): Promise<unknown>;
};

export type SchedulesDeps = {
  lock: RunnerLock;
  log: Logger;
  metrics: Pick<Metrics, 'schedules' | 'scheduleSeconds'>;
};

export type Schedules = {
  /** Begins no more runs; resolves when the running ones have ended. */
  stop(): Promise<void>;
};

/** Runs each schedule for the first time soon, then once a period over all processes, until stopped. */
export function startSchedules(deps: SchedulesDeps, schedules: readonly Schedule[]): Schedules {
  const stopping = new AbortController();
  const loops = schedules.map(async (schedule) => {
    // The first look comes within a second; later ones a little early or late, so that processes fall out of step.
    await pause(Math.random() * Math.min(1_000, schedule.everyMs), stopping.signal);
    while (!stopping.signal.aborted) {
      await runOnce(deps, schedule);
      await pause(schedule.everyMs * (0.9 + Math.random() / 5), stopping.signal);
    }
  });
  return {
    stop: async () => {
      stopping.abort();
      await Promise.all(loops);
    },
  };
}

async function runOnce({ lock, log, metrics }: SchedulesDeps, schedule: Schedule): Promise<void> {
  const { name, everyMs, lockMs } = schedule;
  const held = await lock.take(name, lockMs);
  if (held === undefined) return;
  const startedMs = performance.now();
  let keepMs = 0;
  try {
    await schedule.run();
    // Others may begin a little before our own next turn, or each period would lose some.
    keepMs = everyMs * 0.85 - (performance.now() - startedMs);
    metrics.schedules.inc({ schedule: name, outcome: 'done' });
  } catch (error) {
    metrics.schedules.inc({ schedule: name, outcome: 'failed' });
    log.error({ schedule: name, err: error }, 'a schedule failed; it runs again in its next period');
  } finally {
    metrics.scheduleSeconds.observe({ schedule: name }, (performance.now() - startedMs) / 1000);
    if (held !== 'unknown') await lock.release(name, held.token, keepMs);
  }
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await wait(ms, undefined, { signal }).catch(() => undefined);
}
