import { type SeedFeature, photo, polling, plan, choices } from './seed-feature.ts';

/** One AI model in twelve poses. Off until its RunningHub workflows are set up. */
export const modelPose12: SeedFeature = {
  definition: {
    featureId: 'model_pose12',
    title: 'AI模特12分镜',
    description: '用一张服装照片生成12张不同姿势的AI模特图',
    category: 'image',
    ...plan,
    planRequired: 2,
    isEnabled: false,
    quotaCost: 4,
    rateLimitPolicy: { maxPerHour: 10, maxPerDay: 50, cooldownSeconds: 60 },
    outputType: 'multiImage',
    expectedOutputs: 12,
    aiGenerated: true,
    displayOrder: 20,
    weeklyBudgetFen: 100_000,
  },
  form: {
    fields: [
      photo,
      {
        key: 'modelGender',
        type: 'radio',
        label: '模特性别',
        required: true,
        defaultValue: 'female',
        validation: {
          options: choices([
            ['female', '女'],
            ['male', '男'],
          ]),
        },
      },
      {
        key: 'scene',
        type: 'select',
        label: '拍摄场景',
        required: true,
        defaultValue: 'studio',
        validation: {
          options: choices([
            ['studio', '影棚'],
            ['street', '街拍'],
            ['nature', '户外'],
          ]),
        },
      },
    ],
    submitButton: '生成分镜',
    layout: 'vertical',
  },
  pipeline: {
    steps: [
      {
        name: 'poses',
        type: 'async_api',
        providerCandidates: ['runninghub-a', 'runninghub-b'],
        endpoint: 'model.pose12',
        inputMapping: {
          image: '${input_data.photo}',
          gender: '${input_data.modelGender}',
          scene: '${input_data.scene}',
        },
        outputMapping: { images: '$.images' },
        timeoutSeconds: 1_500,
        retry: { maxAttempts: 2, delaySeconds: 30, backoff: 'fixed' },
        polling,
      },
    ],
    onFailure: 'refund_quota',
    maxExecutionSeconds: 1_800,
  },
};
