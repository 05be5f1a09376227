import { cutOutStep, photo, PHOTO_RULES, plan, type SeedFeature } from './seed-feature.ts';

/** A short film of the week's new pieces; its watermark is the visible label, written when it is delivered. */
export const weeklyDropTrailer: SeedFeature = {
  definition: {
    featureId: 'weekly_drop_trailer',
    title: '上新合辑短片',
    description: '把本周上新的服装照片合成一支短片',
    category: 'video',
    ...plan,
    planRequired: 3,
    isEnabled: true,
    quotaCost: 6,
    rateLimitPolicy: { maxPerHour: 3, maxPerDay: 10, cooldownSeconds: 600 },
    outputType: 'video',
    expectedOutputs: null,
    aiGenerated: true,
    displayOrder: 40,
    weeklyBudgetFen: 100_000,
  },
  form: {
    fields: [
      { ...photo, key: 'photos', type: 'images', validation: { ...PHOTO_RULES, maxCount: 12 } },
      { key: 'title', type: 'text', label: '片头文字', required: true, validation: { minLength: 2, maxLength: 20 } },
      {
        key: 'secondsPerPiece',
        type: 'slider',
        label: '每件展示秒数',
        required: true,
        defaultValue: 2,
        validation: { min: 1, max: 5, step: 0.5 },
      },
    ],
    submitButton: '生成短片',
    layout: 'vertical',
  },
  pipeline: {
    steps: [
      {
        ...cutOutStep,
        name: 'cut_outs',
        endpoint: 'garment.cutout_all',
        inputMapping: { images: '${input_data.photos}' },
        outputMapping: { images: '$.images' },
        timeoutSeconds: 300,
      },
      {
        name: 'compose',
        type: 'scf',
        providerCandidates: ['scf-main'],
        scfFunction: 'video-composer',
        inputMapping: {
          images: '${steps[0].output.images}',
          title: '${input_data.title}',
          secondsPerImage: '${input_data.secondsPerPiece}',
        },
        outputMapping: { video: '$.video' },
        timeoutSeconds: 300,
        retry: { maxAttempts: 2, delaySeconds: 10, backoff: 'fixed' },
      },
    ],
    onFailure: 'refund_quota',
    maxExecutionSeconds: 900,
  },
};
