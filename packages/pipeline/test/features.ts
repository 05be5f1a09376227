import { formSchemaSchema, pipelineSchemaSchema, type PipelineSchema, type PipelineStep } from '@yunshang/contracts';
import { toJson, type Db } from '@yunshang/db';

type StepWish = Pick<PipelineStep, 'providerCandidates' | 'inputMapping'> &
  Partial<Pick<PipelineStep, 'retry' | 'outputMapping' | 'timeoutSeconds'>> &
  Partial<Pick<Extract<PipelineStep, { type: 'async_api' }>, 'polling'>> & {
    type?: PipelineStep['type'];
    endpoint?: string;
    scfFunction?: string;
  };

/** A feature that is on, costs 1, asks for a photo and runs these steps; each gives an image. */
export async function addFeature(
  db: Db,
  featureId: string,
  steps: Record<string, StepWish>,
  onFailure: PipelineSchema['onFailure'] = 'refund_quota',
  expectedOutputs: number | null = null,
): Promise<void> {
  const now = new Date();
  const version = { feature_id: featureId, version: 1, status: 'published', created_at: now } as const;
  const form = formSchemaSchema.parse({
    fields: [{ key: 'photo', type: 'image', label: '照片', required: true }],
    submitButton: '开始',
    layout: 'vertical',
  });
  const pipeline = pipelineSchemaSchema.parse({
    steps: Object.entries(steps).map(([name, step]) => ({
      name,
      type: 'sync_api',
      ...(step.type === 'scf' ? {} : { endpoint: `test.${name}` }),
      outputMapping: { image: '$.image' },
      timeoutSeconds: 60,
      retry: { maxAttempts: 1, delaySeconds: 0, backoff: 'fixed' },
      ...step,
    })),
    onFailure,
    maxExecutionSeconds: 180,
  });
  await db
    .insertInto('form_schemas')
    .values({ ...version, body: toJson(form) })
    .execute();
  await db
    .insertInto('pipeline_schemas')
    .values({ ...version, body: toJson(pipeline) })
    .execute();
  await db
    .insertInto('feature_definitions')
    .values({
      feature_id: featureId,
      title: featureId,
      description: '',
      category: 'image',
      access_scope: 'plan',
      is_enabled: 1,
      quota_cost: 1,
      form_version: 1,
      pipeline_version: 1,
      output_type: expectedOutputs === null ? 'singleImage' : 'multiImage',
      expected_outputs: expectedOutputs,
      save_to_asset_library: 1,
      display_order: 100,
      created_at: now,
      updated_at: now,
    })
    .execute();
}
