import type { FeatureDefinition, FormSchema, PipelineSchema, PipelineStep } from '@yunshang/contracts';

/** Open by plan, or a trial with how it will end. */
type Access =
  | { accessScope: 'plan'; allowedAccounts: null; launchPlan: null }
  | { accessScope: 'whitelist'; allowedAccounts: string[]; launchPlan: string };

/** A feature of the first day, with version 1 of its form and pipeline. */
export type SeedFeature = {
  definition: Omit<
    FeatureDefinition,
    'formVersion' | 'pipelineVersion' | 'iconUrl' | 'saveToAssetLibrary' | 'allowedAccounts' | 'launchPlan'
  > &
    Access;
  form: FormSchema;
  pipeline: PipelineSchema;
};

/** What an upload must keep anyway, said again where a form can show it. */
export const PHOTO_RULES = {
  maxSize: 10_485_760,
  allowedFormats: ['jpeg', 'png', 'webp'],
  minWidth: 500,
  minHeight: 500,
} satisfies NonNullable<FormSchema['fields'][number]['validation']>;
/** The field that nearly every feature begins with. */
export const photo = {
  key: 'photo',
  type: 'image',
  label: '服装照片',
  required: true,
  validation: PHOTO_RULES,
  helpText: '纯色背景效果最好，每边 500–8000 像素',
} satisfies FormSchema['fields'][number];
/** One try per provider. */
export const once = { maxAttempts: 1, delaySeconds: 0, backoff: 'fixed' } as const;
/** Twenty minutes of asking. */
export const polling = {
  intervalSeconds: 10,
  maxAttempts: 120,
  completeStatuses: ['SUCCESS'],
  failedStatuses: ['FAILED'],
};
/** Open to members, by plan. */
export const plan = { accessScope: 'plan', allowedAccounts: null, launchPlan: null } as const;

/** Options from pairs of value and label. */
export function choices(
  pairs: readonly (readonly [value: string, label: string])[],
): { value: string; label: string }[] {
  return pairs.map(([value, label]) => ({ value, label }));
}

/** The cut-out that other steps build on. */
export const cutOutStep = {
  type: 'sync_api' as const,
  providerCandidates: ['tencent-ci', 'builtin-image-engine'],
  endpoint: 'garment.cutout',
  timeoutSeconds: 60,
  retry: once,
} satisfies Partial<PipelineStep>;
