import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from 'prom-client';

/** again: not finished, nothing wrong. gone: delivered after its work was done. refused: no valid payload. */
export type JobResult = 'done' | 'again' | 'failed' | 'gone' | 'refused';

export type Metrics = {
  registry: Registry;
  jobs: Counter<'job' | 'outcome'>;
  jobSeconds: Histogram<'job' | 'outcome'>;
  relayed: Counter;
  relayFailures: Counter;
  schedules: Counter<'schedule' | 'outcome'>;
  scheduleSeconds: Histogram<'schedule'>;
};

/** Asked when somebody reads the metrics; undefined where the answer can not be had just now. */
export type MetricSources = {
  /** Seconds the oldest due job has waited to be taken; 0 when none is due. */
  outboxLagSeconds(): Promise<number | undefined>;
  /** Seconds the oldest row that is not in the audit chain has waited; 0 when none waits. */
  auditLagSeconds(): Promise<number | undefined>;
  queued(): Promise<Record<string, { waiting: number; active: number }> | undefined>;
  alerts(): Promise<{ open: number; waiting: number; givenUp: number } | undefined>;
};

/** From a poll of an idle row to a task with several slow vendors. */
const JOB_SECONDS = [0.005, 0.02, 0.1, 0.5, 1, 2, 5, 10, 30, 60, 120, 300];

/** The worker's metrics, and Node's own (event loop delay, memory, collections). */
export function createMetrics(): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const registers = [registry];
  return {
    registry,
    jobs: new Counter({
      name: 'yunshang_jobs_total',
      help: 'Deliveries handled',
      labelNames: ['job', 'outcome'],
      registers,
    }),
    jobSeconds: new Histogram({
      name: 'yunshang_job_duration_seconds',
      help: 'Time a delivery was handled for',
      labelNames: ['job', 'outcome'],
      buckets: JOB_SECONDS,
      registers,
    }),
    relayed: new Counter({ name: 'yunshang_outbox_relayed_total', help: 'Rows handed to the queue', registers }),
    relayFailures: new Counter({
      name: 'yunshang_outbox_relay_failures_total',
      help: 'Rounds of the relay that failed',
      registers,
    }),
    schedules: new Counter({
      name: 'yunshang_schedule_runs_total',
      help: 'Runs of schedules in this process',
      labelNames: ['schedule', 'outcome'],
      registers,
    }),
    scheduleSeconds: new Histogram({
      name: 'yunshang_schedule_duration_seconds',
      help: 'Time a run of a schedule took',
      labelNames: ['schedule'],
      buckets: JOB_SECONDS,
      registers,
    }),
  };
}

/** Gauges that look at the database and the queue when they are read. */
export function addGauges(registry: Registry, sources: MetricSources): void {
  const lag = secondsGauge(() => sources.outboxLagSeconds(), {
    name: 'yunshang_outbox_lag_seconds',
    help: 'How long the oldest due job has waited to be taken',
  });
  const auditLag = secondsGauge(() => sources.auditLagSeconds(), {
    name: 'yunshang_audit_lag_seconds',
    help: 'How long the oldest row of the append-only tables has waited to be sealed',
  });
  const queued = new Gauge({
    name: 'yunshang_queue_jobs',
    help: 'Jobs in Redis',
    labelNames: ['job', 'state'],
    registers: [],
    async collect() {
      this.reset();
      for (const [job, states] of Object.entries((await sources.queued()) ?? {}))
        for (const [state, count] of Object.entries(states)) this.set({ job, state }, count);
    },
  });
  const alerts = new Gauge({
    name: 'yunshang_alerts',
    help: 'Alerts of a day nobody has acknowledged, and deliveries that wait or were given up',
    labelNames: ['state'],
    registers: [],
    async collect() {
      this.reset();
      const counts = await sources.alerts();
      if (counts === undefined) return;
      this.set({ state: 'open' }, counts.open);
      this.set({ state: 'waiting' }, counts.waiting);
      this.set({ state: 'given_up' }, counts.givenUp);
    },
  });
  registry.registerMetric(alerts);
  registry.registerMetric(lag);
  registry.registerMetric(auditLag);
  registry.registerMetric(queued);
}

function secondsGauge(source: () => Promise<number | undefined>, of: { name: string; help: string }): Gauge {
  return new Gauge({
    ...of,
    registers: [],
    async collect() {
      const seconds = await source();
      if (seconds === undefined) this.reset();
      else this.set(seconds);
    },
  });
}
