import { inTransaction, type Db, type ProviderEndpointsTable } from '@yunshang/db';
import { afterFailure, FAILURES_TO_DOWN, PROBE_AFTER_MS, type Health } from './health.ts';

export type Endpoint = {
  ref: string;
  kind: ProviderEndpointsTable['kind'];
  /** Share of the work among neighbours that stand equal; 1 for one that is asked in its turn. */
  weight: number;
  /** Null for any number. */
  ratePerMinute: number | null;
  timeoutSeconds: number;
  maxConcurrency: number;
  unitCostMicroYuan: number;
  health: Health;
};

/** The providers that are switched on, with their health; one query. */
export async function listEndpoints(db: Db): Promise<Map<string, Endpoint>> {
  const rows = await db
    .selectFrom('provider_endpoints as e')
    .leftJoin('provider_health as h', 'h.provider_ref', 'e.provider_ref')
    .select([
      'e.provider_ref',
      'e.kind',
      'e.weight',
      'e.rate_per_minute',
      'e.timeout_seconds',
      'e.max_concurrency',
      'e.unit_cost_micro_yuan',
      'h.status',
      'h.consecutive_failures',
      'h.probe_after',
    ])
    .where('e.is_enabled', '=', 1)
    .where('e.deleted_at', 'is', null)
    .execute();
  return new Map(
    rows.map((row) => [
      row.provider_ref,
      {
        ref: row.provider_ref,
        kind: row.kind,
        weight: row.weight,
        ratePerMinute: row.rate_per_minute,
        timeoutSeconds: row.timeout_seconds,
        maxConcurrency: row.max_concurrency,
        unitCostMicroYuan: row.unit_cost_micro_yuan,
        health: {
          status: row.status ?? 'up',
          consecutiveFailures: row.consecutive_failures ?? 0,
          probeAfter: row.probe_after,
        },
      },
    ]),
  );
}

/** Half open lets one call through: true for the one that got it; the next may come after another pause. */
export async function takeProbe(db: Db, ref: string, now: Date): Promise<boolean> {
  const result = await db
    .updateTable('provider_health')
    .set({ probe_after: new Date(now.getTime() + PROBE_AFTER_MS), last_check_at: now })
    .where('provider_ref', '=', ref)
    .where('status', '=', 'down')
    .where((eb) => eb.or([eb('probe_after', 'is', null), eb('probe_after', '<=', now)]))
    .executeTakeFirst();
  return result.numUpdatedRows > 0n;
}

/** The newest result counts a tenth in the running averages. */
const WEIGHT = 0.1;

/** It answered: up, whatever it was. Written once a second at most while all is well, so the row is no bottleneck. */
export async function recordSuccess(db: Db, ref: string, seen: { latencyMs: number; now: Date }): Promise<void> {
  await db
    .updateTable('provider_health')
    .set((eb) => ({
      status: 'up',
      consecutive_failures: 0,
      probe_after: null,
      error_rate: eb('error_rate', '*', 1 - WEIGHT),
      latency_ms: seen.latencyMs,
      last_check_at: seen.now,
    }))
    .where('provider_ref', '=', ref)
    .where((eb) =>
      eb.or([eb('consecutive_failures', '>', 0), eb('last_check_at', '<', new Date(seen.now.getTime() - 1_000))]),
    )
    .execute();
}

/** It failed as a provider: three in a row, counted over all processes, take it down. */
export function recordFailure(db: Db, ref: string, now: Date): Promise<{ wentDown: boolean }> {
  return inTransaction(db, async (tx) => {
    const row = await tx
      .selectFrom('provider_health')
      .select(['status', 'consecutive_failures', 'error_rate'])
      .where('provider_ref', '=', ref)
      .forUpdate()
      .executeTakeFirst();
    const next = afterFailure({ consecutiveFailures: row?.consecutive_failures ?? 0 }, now);
    const values = {
      status: next.status,
      consecutive_failures: next.consecutiveFailures,
      probe_after: next.probeAfter,
      error_rate: (row?.error_rate ?? 0) * (1 - WEIGHT) + WEIGHT,
      last_check_at: now,
    };
    await tx
      .insertInto('provider_health')
      .values({ provider_ref: ref, latency_ms: 0, ...values })
      .onDuplicateKeyUpdate(values)
      .execute();
    return { wentDown: next.status === 'down' && row?.status !== 'down' };
  });
}

/** One provider that is switched on, with what makes it callable. */
export type EndpointRow = {
  ref: string;
  kind: ProviderEndpointsTable['kind'];
  baseUrl: string | null;
  settings: unknown;
  credentialsEnc: Buffer | null;
  credentialsKeyVersion: number | null;
  revision: number;
};

export async function findEndpointRow(db: Db, ref: string): Promise<EndpointRow | undefined> {
  const row = await db
    .selectFrom('provider_endpoints')
    .selectAll()
    .where('provider_ref', '=', ref)
    .where('is_enabled', '=', 1)
    .where('deleted_at', 'is', null)
    .executeTakeFirst();
  return row === undefined
    ? undefined
    : {
        ref: row.provider_ref,
        kind: row.kind,
        baseUrl: row.base_url,
        settings: row.settings,
        credentialsEnc: row.credentials_enc,
        credentialsKeyVersion: row.credentials_key_version,
        revision: row.revision,
      };
}

/** Providers that are down and may be tried again now. */
export async function listDown(db: Db, now: Date): Promise<string[]> {
  const rows = await db
    .selectFrom('provider_health as h')
    .innerJoin('provider_endpoints as e', 'e.provider_ref', 'h.provider_ref')
    .select('h.provider_ref')
    .where('h.status', '=', 'down')
    .where('e.is_enabled', '=', 1)
    .where('e.deleted_at', 'is', null)
    .where((eb) => eb.or([eb('h.probe_after', 'is', null), eb('h.probe_after', '<=', now)]))
    .execute();
  return rows.map((row) => row.provider_ref);
}

/** Providers that are switched on. */
export async function listEnabled(db: Db): Promise<string[]> {
  const rows = await db
    .selectFrom('provider_endpoints')
    .select('provider_ref')
    .where('is_enabled', '=', 1)
    .where('deleted_at', 'is', null)
    .execute();
  return rows.map((row) => row.provider_ref);
}

/** It answers again; one more failure takes it down again, since an answer is not yet work done. */
export async function recordProbe(db: Db, ref: string, now: Date): Promise<void> {
  await db
    .updateTable('provider_health')
    .set({ status: 'degraded', consecutive_failures: FAILURES_TO_DOWN - 1, probe_after: null, last_check_at: now })
    .where('provider_ref', '=', ref)
    .where('status', '=', 'down')
    .execute();
}
