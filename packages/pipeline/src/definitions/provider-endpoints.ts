import type { Passed } from '@yunshang/billing';
import {
  AppError,
  pipelineSchemaSchema,
  providerBodySchema,
  type FieldIssue,
  type ProviderBody,
  type ProviderCredentials,
  type ProviderRecord,
  type SavedProvider,
} from '@yunshang/contracts';
import { inTransaction, isDuplicate, recordAudit, type Actor, type Clock, type Db, type Tx } from '@yunshang/db';
import {
  maskCredentials,
  openCredentials,
  sealCredentials,
  type ProviderKeys,
  type SealedCredentials,
} from '../credentials/credentials.ts';
import { differences } from './difference.ts';
import {
  deleteEndpoint,
  findEndpointRecord,
  insertEndpoint,
  listEndpointRecords,
  updateEndpoint,
  type EndpointRecord,
} from './endpoint.store.ts';
import { definitionWithin, listFeatureRecords } from './feature-record.store.ts';
import { passGuard, type Review } from './guard-gate.ts';
import { assertNoIssues, issueAt, parseShape } from './issues.ts';
import { judgeFeature } from './judge-feature.ts';
import { credentialIssues, providerIssues, providerWarnings } from './provider-rules.ts';
import { findVersion } from './version.store.ts';

/** Rules of the guard whose warnings whoever saves has read. */
type Acknowledging = { acknowledge?: readonly string[] | undefined };
type Create = Acknowledging & { provider: unknown; credentials?: ProviderCredentials | undefined };
type Change = Acknowledging & {
  providerRef: string;
  revision: number;
  changes: Readonly<Record<string, unknown>>;
  /** Replaces all of them; null takes them away; undefined leaves them. */
  credentials?: ProviderCredentials | null | undefined;
};

export type ProviderEndpoints = {
  list(): Promise<ProviderRecord[]>;
  /** Throws PROVIDER_NOT_FOUND. */
  get(providerRef: string): Promise<ProviderRecord>;
  /** Throws DEFINITION_INVALID, GUARD_REFUSED, GUARD_UNACKNOWLEDGED, and STATE_CONFLICT for a name that was ever used. */
  create(actor: Actor, input: Create): Promise<SavedProvider>;
  /**
   * Changes the fields named, unless the provider has moved on from `revision` (STATE_CONFLICT). Refused while it would leave a
   * feature that is on without a provider. Throws PROVIDER_NOT_FOUND, DEFINITION_INVALID, GUARD_REFUSED, GUARD_UNACKNOWLEDGED.
   */
  update(actor: Actor, change: Change): Promise<SavedProvider>;
  /** The row stays for its attempts, its credentials do not. STATE_CONFLICT while a feature that is on names it. */
  remove(actor: Actor, providerRef: string): Promise<void>;
};

type Deps = { db: Db; clock: Clock; keys: ProviderKeys; review: Review };
type Act = { tx: Tx; actor: Actor; now: Date; keys: ProviderKeys; review: Review };

export function createProviderEndpoints({ db, clock, keys, review }: Deps): ProviderEndpoints {
  const acting = <T>(actor: Actor, work: (act: Act) => Promise<T>): Promise<T> =>
    inTransaction(db, (tx) => work({ tx, actor, now: clock.now(), keys, review }));
  return {
    list: async () => (await listEndpointRecords(db)).map((record) => viewOf(record, keys)),
    get: async (providerRef) => viewOf(await getRecord(db, providerRef), keys),
    create: (actor, input) =>
      acting(actor, (act) => create(act, input)).catch((error: unknown) => {
        throw isDuplicate(error)
          ? new AppError('STATE_CONFLICT', { reason: 'the name is taken' }, { cause: error })
          : error;
      }),
    update: (actor, change) => acting(actor, (act) => update(act, change)),
    remove: (actor, providerRef) => acting(actor, (act) => remove(act, providerRef)),
  };
}

async function create(act: Act, { provider, credentials, acknowledge }: Create): Promise<SavedProvider> {
  const body = parseShape(providerBodySchema, provider);
  assertNoIssues([
    ...providerIssues(body),
    ...(credentials === undefined ? [] : credentialIssues(body.kind, credentials)),
  ]);
  const passed = await passGuard(act, { providers: [body] }, acknowledge);
  const sealed = credentials === undefined ? {} : { sealed: sealCredentials(act.keys, body.providerRef, credentials) };
  await insertEndpoint(act.tx, body, { now: act.now, ...sealed });
  await audit(act, 'created', body.providerRef, {
    provider: body,
    credentialsChanged: credentials !== undefined,
    ...passed.audited,
  });
  return saved(act, body.providerRef, passed);
}

async function update(act: Act, change: Change): Promise<SavedProvider> {
  const { providerRef, revision, changes, credentials, acknowledge } = change;
  const before = await getRecord(act.tx, providerRef);
  if (before.revision !== revision) throw new AppError('STATE_CONFLICT', { reason: `revision is ${before.revision}` });
  const body = parseShape(providerBodySchema, { ...before.body, ...changes });
  assertNoIssues([
    ...frozenIssues(before.body, body),
    ...providerIssues(body),
    ...(credentials === undefined || credentials === null ? [] : credentialIssues(body.kind, credentials)),
  ]);
  const passed = await passGuard(act, { providers: [body] }, acknowledge);
  const sealed = credentials === undefined ? {} : { sealed: sealedOf(act.keys, providerRef, credentials) };
  if (!(await updateEndpoint(act.tx, body, { revision, now: act.now, ...sealed })))
    throw new AppError('STATE_CONFLICT');
  assertNoIssues(await issuesOfFeatures(act.tx, providerRef));
  await audit(act, 'updated', providerRef, {
    changes: differences(before.body, body),
    credentialsChanged: credentials !== undefined,
    ...passed.audited,
  });
  return saved(act, providerRef, passed);
}

function sealedOf(keys: ProviderKeys, providerRef: string, credentials: ProviderCredentials | null) {
  return credentials === null
    ? { credentials_enc: null, credentials_key_version: null }
    : sealCredentials(keys, providerRef, credentials);
}

/** A provider's name and kind are what attempts and their costs were recorded under. */
function frozenIssues(before: ProviderBody, after: ProviderBody): FieldIssue[] {
  return (['providerRef', 'kind'] as const)
    .filter((field) => before[field] !== after[field])
    .map((field) =>
      issueAt([field], {
        rule: 'frozen',
        zh: '供应商的名称和类型不能更改',
        en: 'the name and the kind of a provider never change',
        mend: { zh: '新增一个供应商', en: 'add another provider' },
      }),
    );
}

async function remove(act: Act, providerRef: string): Promise<void> {
  await getRecord(act.tx, providerRef);
  const users = await featuresNaming(act.tx, providerRef);
  const [user] = users;
  if (user !== undefined) throw new AppError('STATE_CONFLICT', { reason: `in use by ${user.featureId}` });
  await deleteEndpoint(act.tx, providerRef, act.now);
  await audit(act, 'deleted', providerRef, {});
}

/** What a changed provider breaks in features that are on. */
async function issuesOfFeatures(tx: Tx, providerRef: string): Promise<FieldIssue[]> {
  const issues: FieldIssue[] = [];
  for (const feature of await featuresNaming(tx, providerRef)) {
    const verdict = await judgeFeature(tx, feature);
    issues.push(...verdict.issues.map((issue) => ({ ...issue, field: `${feature.featureId}.${issue.field}` })));
  }
  return issues;
}

/** Features that are on and whose pipeline names the provider. */
async function featuresNaming(tx: Tx, providerRef: string) {
  const on = (await listFeatureRecords(tx)).filter(({ isEnabled, deletedAt }) => isEnabled && deletedAt === null);
  const naming = await Promise.all(
    on.map(async ({ featureId, pipelineVersion }) => {
      const found = await findVersion(tx, { featureId, kind: 'pipeline', version: pipelineVersion });
      const steps = found === undefined ? [] : pipelineSchemaSchema.parse(found.body).steps;
      return steps.some((step) => step.providerCandidates.includes(providerRef));
    }),
  );
  return on.filter((_feature, index) => naming[index]).map(definitionWithin);
}

async function saved({ tx, keys }: Act, providerRef: string, passed: Passed): Promise<SavedProvider> {
  const record = await getRecord(tx, providerRef);
  return {
    provider: viewOf(record, keys),
    warnings: [...providerWarnings(record.body, record.sealed !== null), ...passed.warnings],
  };
}

async function getRecord(db: Db, providerRef: string): Promise<EndpointRecord> {
  const record = await findEndpointRecord(db, providerRef);
  if (record === undefined) throw new AppError('PROVIDER_NOT_FOUND');
  return record;
}

function viewOf({ body, revision, updatedAt, sealed, health }: EndpointRecord, keys: ProviderKeys): ProviderRecord {
  return {
    ...body,
    revision,
    credentials: sealed === null ? null : maskedOf(keys, body.providerRef, sealed),
    health:
      health === null
        ? null
        : {
            status: health.status,
            consecutiveFailures: health.failures,
            errorRate: health.errorRate,
            latencyMs: health.latencyMs,
            lastCheckAt: health.at.toISOString(),
          },
    updatedAt: updatedAt.toISOString(),
  };
}

/** Sealed with a key this process does not have: there, and nothing more can be said. */
function maskedOf(keys: ProviderKeys, providerRef: string, sealed: SealedCredentials): Record<string, string> {
  if (!keys.some(({ version }) => version === sealed.credentials_key_version)) return {};
  return maskCredentials(openCredentials(keys, providerRef, sealed));
}

function audit(
  { tx, actor, now }: Act,
  verb: string,
  providerRef: string,
  details: Record<string, unknown>,
): Promise<void> {
  const entry = { action: `provider.${verb}`, subjectType: 'provider', subjectId: providerRef };
  return recordAudit(tx, actor, { ...entry, details, now });
}
