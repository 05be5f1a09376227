import { EXCEPTION_KINDS } from '@yunshang/contracts';
import { fromJson, type Db } from '@yunshang/db';
import { sql } from 'kysely';
import { z } from 'zod';
import { configurationSchema, type Configuration } from './configuration.ts';
import { configuredPlans } from './first-day.ts';

/** Attempts of a provider whose outcomes make its rate: enough to be steady, few enough to be this month's. */
const LATEST_ATTEMPTS = 500;

/** Reads the configuration of an installation. Within a transaction it sees what the transaction wrote. */
export async function loadConfiguration(db: Db): Promise<Configuration> {
  const features = await loadFeatures(db);
  const isKept = await keptFeatures(db);
  return configurationSchema.parse({
    features,
    forms: (await loadVersions(db, 'form_schemas')).filter(isKept),
    pipelines: (await loadVersions(db, 'pipeline_schemas')).filter(isKept),
    plans: await loadPlans(db),
    configuredPlans: configuredPlans(),
    providers: await loadProviders(db),
    unitPrices: await loadUnitPrices(db),
    approvals: await loadApprovals(db),
  });
}

async function loadFeatures(db: Db) {
  const rows = await db
    .selectFrom('feature_definitions')
    .selectAll()
    .where('deleted_at', 'is', null)
    .orderBy('feature_id')
    .execute();
  return rows.map((row) => ({
    featureId: row.feature_id,
    title: row.title,
    category: row.category,
    accessScope: row.access_scope,
    planRequired: row.plan_required,
    allowedAccounts: row.allowed_accounts === null ? null : fromJson(row.allowed_accounts),
    launchPlan: row.launch_plan,
    isEnabled: row.is_enabled === 1,
    quotaCost: row.quota_cost,
    rateLimitPolicy: row.rate_limit_policy === null ? null : fromJson(row.rate_limit_policy),
    formVersion: row.form_version,
    pipelineVersion: row.pipeline_version,
    outputType: row.output_type,
    weeklyBudgetFen: row.weekly_budget_fen,
  }));
}

/** Versions of features that were deleted are nobody's. */
async function keptFeatures(db: Db) {
  const rows = await db
    .selectFrom('feature_definitions')
    .select('feature_id')
    .where('deleted_at', 'is not', null)
    .execute();
  const deleted = new Set(rows.map(({ feature_id }) => feature_id));
  return ({ featureId }: { featureId: string }): boolean => !deleted.has(featureId);
}

async function loadVersions(db: Db, table: 'form_schemas' | 'pipeline_schemas') {
  const rows = await db
    .selectFrom(table)
    .select(['feature_id', 'version', 'status', 'body'])
    .orderBy('feature_id')
    .orderBy('version')
    .execute();
  return rows.map((row) => ({
    featureId: row.feature_id,
    version: row.version,
    status: row.status,
    body: fromJson(row.body),
  }));
}

async function loadPlans(db: Db) {
  const rows = await db.selectFrom('plans').selectAll().orderBy('plan_id').orderBy('version').execute();
  return rows.map((row) => ({
    planId: row.plan_id,
    version: row.version,
    level: row.level,
    title: row.title,
    priceFen: row.price_fen,
    quota: row.quota,
    periodDays: row.period_days,
    periodMonths: row.period_months,
    status: row.status,
  }));
}

async function loadProviders(db: Db) {
  const rows = await db
    .selectFrom('provider_endpoints')
    .select(['provider_ref', 'kind', 'unit_cost_micro_yuan', 'is_enabled'])
    .where('deleted_at', 'is', null)
    .orderBy('provider_ref')
    .execute();
  const outcomes = await loadOutcomes(
    db,
    rows.map(({ provider_ref }) => provider_ref),
  );
  return rows.map((row) => ({
    providerRef: row.provider_ref,
    kind: row.kind,
    unitCostMicroYuan: row.unit_cost_micro_yuan,
    isEnabled: row.is_enabled === 1,
    ...outcomes.get(row.provider_ref),
  }));
}

type Outcomes = { attempts: number; successes: number };

/** Of each provider's latest attempts that have ended; one range of its index each. */
async function loadOutcomes(db: Db, refs: readonly string[]): Promise<Map<string, Outcomes>> {
  const outcomes = new Map<string, Outcomes>();
  for (const ref of refs) {
    const { rows } = await sql<{ attempts: number; successes: string | number | null }>`
      SELECT COUNT(*) AS attempts, SUM(status = 'succeeded') AS successes FROM (
        SELECT status FROM task_attempts WHERE provider_ref = ${ref} AND status IN ('succeeded', 'failed', 'unknown')
        ORDER BY started_at DESC LIMIT ${sql.lit(LATEST_ATTEMPTS)}) AS latest`.execute(db);
    for (const row of rows) outcomes.set(ref, { attempts: row.attempts, successes: Number(row.successes ?? 0) });
  }
  return outcomes;
}

async function loadUnitPrices(db: Db) {
  const rows = await db.selectFrom('unit_prices').selectAll().orderBy('item').orderBy('valid_from').execute();
  return rows.map((row) => ({
    item: row.item,
    microYuan: row.micro_yuan,
    validFrom: row.valid_from.toISOString(),
    validTo: row.valid_to?.toISOString() ?? null,
  }));
}

const endSchema = z.object({ until: z.string().optional() });

async function loadApprovals(db: Db) {
  const rows = await db
    .selectFrom('approvals')
    .select(['kind', 'subject_id', 'status', 'requested_by', 'decided_by', 'reason', 'payload'])
    .where('kind', 'in', EXCEPTION_KINDS)
    .where('subject_type', '=', 'feature')
    .orderBy('id')
    .execute();
  return rows.map((row) => ({
    kind: row.kind,
    subjectId: row.subject_id,
    status: row.status,
    requestedBy: row.requested_by,
    decidedBy: row.decided_by,
    reason: row.reason,
    ...endSchema.parse(fromJson(row.payload)),
  }));
}
