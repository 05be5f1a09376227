import { featureDefinitionSchema, formSchemaSchema, pipelineSchemaSchema } from '@yunshang/contracts';
import { connect, inTransaction, type Tx } from '../database.ts';
import { toJson } from '../json.ts';
import { FEATURES } from './features.ts';
import { newId } from '../ids.ts';
import { PLANS, PROVIDERS } from './plans.ts';
import { PRICES } from './prices.ts';

async function seedFeatures(tx: Tx, now: Date): Promise<void> {
  for (const { definition, form, pipeline } of FEATURES) {
    const f = featureDefinitionSchema.parse({
      ...definition,
      iconUrl: null,
      saveToAssetLibrary: true,
      formVersion: 1,
      pipelineVersion: 1,
    });
    const version = { feature_id: f.featureId, version: 1, status: 'published', created_at: now } as const;
    await tx
      .insertInto('form_schemas')
      .ignore()
      .values({ ...version, body: toJson(formSchemaSchema.parse(form)) })
      .execute();
    await tx
      .insertInto('pipeline_schemas')
      .ignore()
      .values({ ...version, body: toJson(pipelineSchemaSchema.parse(pipeline)) })
      .execute();
    await tx
      .insertInto('feature_definitions')
      .ignore()
      .values({
        feature_id: f.featureId,
        title: f.title,
        description: f.description,
        icon_url: f.iconUrl,
        category: f.category,
        access_scope: f.accessScope,
        plan_required: f.planRequired,
        allowed_accounts: f.allowedAccounts === null ? null : toJson(f.allowedAccounts),
        launch_plan: f.launchPlan,
        is_enabled: f.isEnabled ? 1 : 0,
        quota_cost: f.quotaCost,
        rate_limit_policy: f.rateLimitPolicy === null ? null : toJson(f.rateLimitPolicy),
        form_version: f.formVersion,
        pipeline_version: f.pipelineVersion,
        output_type: f.outputType,
        expected_outputs: f.expectedOutputs,
        ai_generated: f.aiGenerated ? 1 : 0,
        save_to_asset_library: f.saveToAssetLibrary ? 1 : 0,
        display_order: f.displayOrder,
        weekly_budget_fen: f.weeklyBudgetFen,
        created_at: now,
        updated_at: now,
      })
      .execute();
  }
}

/** Plans, providers and features of the first day. Rows that are there already stay as they are. */
export async function seed(databaseUrl: string): Promise<void> {
  const database = connect(databaseUrl, { connectionLimit: 1 });
  const now = new Date();
  try {
    await inTransaction(database.db, async (tx) => {
      await tx
        .insertInto('plans')
        .ignore()
        .values(PLANS.map((plan) => ({ ...plan, status: 'published' as const, created_at: now })))
        .execute();
      await tx
        .insertInto('provider_endpoints')
        .ignore()
        .values(PROVIDERS.map((provider) => ({ ...provider, created_at: now })))
        .execute();
      await tx
        .insertInto('provider_health')
        .ignore()
        .values(PROVIDERS.map(({ provider_ref }) => ({ provider_ref, status: 'up' as const, last_check_at: now })))
        .execute();
      await tx
        .insertInto('unit_prices')
        .ignore()
        .values(PRICES.map((price) => ({ ...price, id: newId(), created_at: now })))
        .execute();
      await seedFeatures(tx, now);
    });
  } finally {
    await database.close();
  }
}
