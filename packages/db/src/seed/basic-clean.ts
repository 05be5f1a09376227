import { type SeedFeature, photo, once, plan } from './seed-feature.ts';

/** The clean-up of one photo: cut out of the photo itself, so it is no work of AI to be labelled. */
export const basicClean: SeedFeature = {
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
    expectedOutputs: null,
    aiGenerated: false,
    displayOrder: 10,
    weeklyBudgetFen: null,
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
