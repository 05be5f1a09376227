import type { FeatureDefinition, FormSchema, PipelineSchema } from '@yunshang/contracts';

type SeedFeature = {
  definition: Omit<
    FeatureDefinition,
    'formVersion' | 'pipelineVersion' | 'iconUrl' | 'weeklyBudgetFen' | 'saveToAssetLibrary'
  >;
  form: FormSchema;
  pipeline: PipelineSchema;
};

const PHOTO_RULES = {
  maxSize: 10_485_760,
  allowedFormats: ['jpeg', 'png', 'webp'],
  minWidth: 500,
  minHeight: 500,
} satisfies NonNullable<FormSchema['fields'][number]['validation']>;
const photo = {
  key: 'photo',
  type: 'image',
  label: '服装照片',
  required: true,
  validation: PHOTO_RULES,
  helpText: '纯色背景效果最好，每边 500–8000 像素',
} satisfies FormSchema['fields'][number];
const once = { maxAttempts: 1, delaySeconds: 0, backoff: 'fixed' } as const;
const plan = { accessScope: 'plan', allowedAccounts: null } as const;

/** The clean-up of one photo; the one feature that is on from the first day. */
const basicClean: SeedFeature = {
  definition: {
    featureId: 'basic_clean',
    title: '服装清理增强',
    description: '抠出服装，换成纯白背景，校正曝光并锐化',
    category: 'image',
    ...plan,
    planRequired: null,
    isEnabled: true,
    quotaCost: 1,
    rateLimitPolicy: { maxPerHour: 50, maxPerDay: 500, cooldownSeconds: 0 },
    outputType: 'singleImage',
    displayOrder: 10,
  },
  form: { fields: [photo], submitButton: '开始处理', layout: 'vertical' },
  pipeline: {
    steps: [
      {
        name: 'clean',
        type: 'sync_api',
        providerCandidates: ['tencent-ci', 'builtin-image-engine'],
        endpoint: 'garment.clean',
        inputMapping: { image: '${input_data.photo}' },
        outputMapping: { image: '$.image' },
        timeoutSeconds: 60,
        retry: once,
      },
    ],
    onFailure: 'refund_quota',
    maxExecutionSeconds: 180,
  },
};

export const FEATURES: readonly SeedFeature[] = [basicClean];
