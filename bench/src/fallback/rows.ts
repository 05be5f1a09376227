import { formSchemaSchema, pipelineSchemaSchema } from '@yunshang/contracts';
import { toJson, type Db } from '@yunshang/db';
import { httpSettingsSchema } from '@yunshang/pipeline';
import { BODY } from './peer.ts';

/** Whether the first candidate is well. */
export type Primary = 'good' | 'dead';

export const FEATURES = { good: 'bench_well', dead: 'bench_dead' } as const;

const form = formSchemaSchema.parse({
  fields: [{ key: 'prompt', type: 'text', label: 'prompt', required: true }],
  submitButton: 'go',
  layout: 'vertical',
});

function pipelineOf(primary: Primary): unknown {
  const step = {
    name: 'chat',
    type: 'sync_api',
    endpoint: 'bench.chat',
    providerCandidates: [`vendor-${primary}`, 'vendor-spare'],
    inputMapping: { ...BODY, messages: [{ role: 'user', content: '${input_data.prompt}' }] },
    outputMapping: { text: '$.text' },
    timeoutSeconds: 60,
    retry: { maxAttempts: 1, delaySeconds: 0, backoff: 'fixed' },
  };
  return pipelineSchemaSchema.parse({ steps: [step], maxExecutionSeconds: 180 });
}

/** Two that work and one that is dead, each as an operator would write a vendor that speaks JSON. */
export async function writeProviders(db: Db, vendorUrl: string): Promise<void> {
  const path = '/v1/chat/completions';
  const files = [{ name: 'text', kind: 'text', path: '$.choices[0].message.content', encoding: 'base64' }];
  const endpoints = { 'bench.chat': { path, files } };
  const settings = toJson(httpSettingsSchema.parse({ endpoints, headers: { authorization: 'Bearer bench' } }));
  const now = new Date();
  for (const [ref, side] of [
    ['vendor-good', 'good'],
    ['vendor-dead', 'dead'],
    ['vendor-spare', 'good'],
  ] as const) {
    await db
      .insertInto('provider_endpoints')
      .values({
        provider_ref: ref,
        kind: 'http',
        base_url: `${vendorUrl}/${side}`,
        settings,
        is_enabled: 1,
        timeout_seconds: 5,
        max_concurrency: 100,
        unit_cost_micro_yuan: 1,
        created_at: now,
      })
      .execute();
    await db
      .insertInto('provider_health')
      .values({ provider_ref: ref, status: 'up', last_check_at: now, latency_ms: 0 })
      .execute();
  }
}

/** A feature of one step, whose first candidate is this one and whose second is the spare. */
export async function writeFeature(db: Db, primary: Primary): Promise<void> {
  const now = new Date();
  const featureId = FEATURES[primary];
  const version = { feature_id: featureId, version: 1, status: 'published', created_at: now } as const;
  await db
    .insertInto('form_schemas')
    .values({ ...version, body: toJson(form) })
    .execute();
  await db
    .insertInto('pipeline_schemas')
    .values({ ...version, body: toJson(pipelineOf(primary)) })
    .execute();
  await db
    .insertInto('feature_definitions')
    .values({
      feature_id: featureId,
      title: featureId,
      description: '',
      category: 'text',
      access_scope: 'plan',
      is_enabled: 1,
      quota_cost: 1,
      form_version: 1,
      pipeline_version: 1,
      output_type: 'textBundle',
      save_to_asset_library: 1,
      display_order: 100,
      created_at: now,
      updated_at: now,
    })
    .execute();
}
