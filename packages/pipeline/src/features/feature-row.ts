import { featureDefinitionSchema, type FeatureDefinition } from '@yunshang/contracts';
import { fromJson, toJson, type FeatureDefinitionsTable } from '@yunshang/db';
import type { Insertable, Selectable } from 'kysely';

type FeatureRow = Selectable<FeatureDefinitionsTable>;

/** A feature as it is stored → as it is spoken of. */
export function definitionOf(row: FeatureRow): FeatureDefinition {
  return featureDefinitionSchema.parse({
    featureId: row.feature_id,
    title: row.title,
    description: row.description,
    iconUrl: row.icon_url,
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
    expectedOutputs: row.expected_outputs,
    aiGenerated: row.ai_generated === 1,
    saveToAssetLibrary: row.save_to_asset_library === 1,
    displayOrder: row.display_order,
    weeklyBudgetFen: row.weekly_budget_fen,
  });
}

/** The columns of a feature that operators decide. */
export function featureColumns(
  f: FeatureDefinition,
): Omit<Insertable<FeatureDefinitionsTable>, 'feature_id' | 'created_at' | 'updated_at'> {
  return {
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
  };
}
