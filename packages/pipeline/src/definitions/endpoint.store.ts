import type { ProviderBody } from '@yunshang/contracts';
import { fromJson, toJson, type Db, type ProviderEndpointsTable, type Tx } from '@yunshang/db';
import type { Insertable } from 'kysely';
import { z } from 'zod';
import type { SealedCredentials } from '../credentials/credentials.ts';
import type { KnownProviders } from './pipeline-rules.ts';
import { endpointsOf } from './provider-rules.ts';

/** A provider's row with its health, credentials still sealed. */
export type EndpointRecord = {
  body: ProviderBody;
  revision: number;
  updatedAt: Date;
  sealed: SealedCredentials | null;
  health: {
    status: 'up' | 'degraded' | 'down';
    failures: number;
    errorRate: number;
    latencyMs: number;
    at: Date;
  } | null;
};

const settingsSchema = z.record(z.string(), z.json()).nullable();

/** Providers that are not deleted, by name. */
export async function listEndpointRecords(db: Db): Promise<EndpointRecord[]> {
  return (await rowsOf(db).orderBy('e.provider_ref').execute()).map(toRecord);
}

export async function findEndpointRecord(db: Db, providerRef: string): Promise<EndpointRecord | undefined> {
  const row = await rowsOf(db).where('e.provider_ref', '=', providerRef).executeTakeFirst();
  return row === undefined ? undefined : toRecord(row);
}

/** Whether a provider of that name exists and is not deleted. */
export async function isProvider(db: Db, providerRef: string): Promise<boolean> {
  return (await findEndpointRecord(db, providerRef)) !== undefined;
}

/** What the rules of pipelines need to know of every provider. */
export async function loadKnownProviders(db: Db): Promise<KnownProviders> {
  const records = await listEndpointRecords(db);
  return new Map(
    records.map(({ body }) => [
      body.providerRef,
      { kind: body.kind, isEnabled: body.isEnabled, endpoints: endpointsOf(body) },
    ]),
  );
}

/** Holds these providers as they are until the transaction ends. */
export async function lockEndpoints(tx: Tx, refs: readonly string[]): Promise<void> {
  await tx
    .selectFrom('provider_endpoints')
    .select('provider_ref')
    .where('provider_ref', 'in', refs)
    .orderBy('provider_ref')
    .forUpdate()
    .execute();
}

/** Throws a duplicate-key error when the name was ever used. */
export async function insertEndpoint(tx: Tx, body: ProviderBody, more: Change): Promise<void> {
  await tx
    .insertInto('provider_endpoints')
    .values({
      provider_ref: body.providerRef,
      ...columnsOf(body),
      ...more.sealed,
      created_at: more.now,
      updated_at: more.now,
    })
    .execute();
  await tx
    .insertInto('provider_health')
    .values({ provider_ref: body.providerRef, status: 'up', last_check_at: more.now })
    .execute();
}

/** `sealed` replaces the credentials, null columns take them away, absent leaves them. */
type Change = { now: Date; sealed?: SealedCredentials | { credentials_enc: null; credentials_key_version: null } };

/** False when the provider has moved on from `revision` or is deleted. */
export async function updateEndpoint(
  tx: Tx,
  body: ProviderBody,
  change: Change & { revision: number },
): Promise<boolean> {
  const { numUpdatedRows } = await tx
    .updateTable('provider_endpoints')
    .set({ ...columnsOf(body), ...change.sealed, revision: change.revision + 1, updated_at: change.now })
    .where('provider_ref', '=', body.providerRef)
    .where('revision', '=', change.revision)
    .where('deleted_at', 'is', null)
    .executeTakeFirst();
  return numUpdatedRows > 0n;
}

/** The row stays: attempts name it. Its credentials do not. */
export async function deleteEndpoint(tx: Tx, providerRef: string, now: Date): Promise<boolean> {
  const { numUpdatedRows } = await tx
    .updateTable('provider_endpoints')
    .set((eb) => ({
      deleted_at: now,
      updated_at: now,
      is_enabled: 0,
      credentials_enc: null,
      credentials_key_version: null,
      revision: eb('revision', '+', 1),
    }))
    .where('provider_ref', '=', providerRef)
    .where('deleted_at', 'is', null)
    .executeTakeFirst();
  return numUpdatedRows > 0n;
}

function rowsOf(db: Db) {
  return db
    .selectFrom('provider_endpoints as e')
    .leftJoin('provider_health as h', 'h.provider_ref', 'e.provider_ref')
    .selectAll('e')
    .select(['h.status', 'h.consecutive_failures', 'h.error_rate', 'h.latency_ms', 'h.last_check_at'])
    .where('e.deleted_at', 'is', null);
}

function columnsOf(body: ProviderBody): Omit<Insertable<ProviderEndpointsTable>, 'provider_ref' | 'created_at'> {
  return {
    kind: body.kind,
    base_url: body.baseUrl,
    weight: body.weight,
    timeout_seconds: body.timeoutSeconds,
    max_concurrency: body.maxConcurrency,
    rate_per_minute: body.ratePerMinute,
    unit_cost_micro_yuan: body.unitCostMicroYuan,
    is_enabled: body.isEnabled ? 1 : 0,
    settings: body.settings === null ? null : toJson(body.settings),
  };
}

function toRecord(row: Awaited<ReturnType<ReturnType<typeof rowsOf>['execute']>>[number]): EndpointRecord {
  const { credentials_enc, credentials_key_version } = row;
  return {
    body: {
      providerRef: row.provider_ref,
      kind: row.kind,
      baseUrl: row.base_url,
      weight: row.weight,
      timeoutSeconds: row.timeout_seconds,
      maxConcurrency: row.max_concurrency,
      ratePerMinute: row.rate_per_minute,
      unitCostMicroYuan: row.unit_cost_micro_yuan,
      isEnabled: row.is_enabled === 1,
      settings: row.settings === null ? null : settingsSchema.parse(fromJson(row.settings)),
    },
    revision: row.revision,
    updatedAt: row.updated_at ?? row.created_at,
    sealed:
      credentials_enc === null || credentials_key_version === null
        ? null
        : { credentials_enc, credentials_key_version },
    health:
      row.status === null || row.last_check_at === null
        ? null
        : {
            status: row.status,
            failures: row.consecutive_failures ?? 0,
            errorRate: row.error_rate ?? 0,
            latencyMs: row.latency_ms ?? 0,
            at: row.last_check_at,
          },
  };
}
