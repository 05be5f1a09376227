import { choices, photo, polling, type SeedFeature } from './seed-feature.ts';

/** Moving pictures of a garment, for named accounts. The one account named is nobody's: an operator names the first. */
export const videoGenerateBeta: SeedFeature = {
  definition: {
    featureId: 'video_generate_beta',
    title: '服装视频生成',
    description: '用一张服装照片生成动态展示视频（内测）',
    category: 'video',
    accessScope: 'whitelist',
    planRequired: null,
    allowedAccounts: ['nobody-yet'],
    launchPlan: '十个账户试用四周；成片保留率达到 80% 且每片成本低于 3 元后，对旗舰会员开放，否则下线',
    isEnabled: false,
    quotaCost: 8,
    rateLimitPolicy: { maxPerHour: 3, maxPerDay: 10, cooldownSeconds: 600 },
    outputType: 'video',
    expectedOutputs: null,
    aiGenerated: true,
    displayOrder: 50,
    weeklyBudgetFen: 100_000,
  },
  form: {
    fields: [
      photo,
      {
        key: 'motion',
        type: 'select',
        label: '动作',
        required: true,
        validation: {
          options: choices([
            ['turn', '转身'],
            ['walk', '行走'],
            ['wind', '微风'],
          ]),
        },
      },
      { key: 'prompt', type: 'textarea', label: '补充描述', required: false, validation: { maxLength: 200 } },
    ],
    submitButton: '生成视频',
    layout: 'vertical',
  },
  pipeline: {
    steps: [
      {
        name: 'video',
        type: 'async_api',
        providerCandidates: ['runninghub-a', 'runninghub-b'],
        endpoint: 'garment.video',
        inputMapping: { image: '${input_data.photo}', motion: '${input_data.motion}', prompt: '${input_data.prompt}' },
        outputMapping: { video: '$.video' },
        timeoutSeconds: 1_500,
        retry: { maxAttempts: 2, delaySeconds: 30, backoff: 'fixed' },
        polling,
      },
    ],
    onFailure: 'refund_quota',
    maxExecutionSeconds: 1_800,
  },
};
