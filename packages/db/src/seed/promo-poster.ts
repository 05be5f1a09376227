import { type SeedFeature, photo, plan, cutOutStep } from './seed-feature.ts';

/** A cut-out with words on a template. */
export const promoPoster: SeedFeature = {
  definition: {
    featureId: 'promo_poster',
    title: '促销海报',
    description: '抠出服装，配上促销文案，生成海报',
    category: 'image',
    ...plan,
    planRequired: null,
    isEnabled: true,
    quotaCost: 1,
    rateLimitPolicy: { maxPerHour: 30, maxPerDay: 200, cooldownSeconds: 0 },
    outputType: 'singleImage',
    expectedOutputs: null,
    aiGenerated: true,
    displayOrder: 30,
    weeklyBudgetFen: null,
  },
  form: {
    fields: [
      photo,
      {
        key: 'headline',
        type: 'text',
        label: '主标题',
        placeholder: '例如：夏季上新',
        required: true,
        validation: { minLength: 2, maxLength: 16 },
      },
      { key: 'showPrice', type: 'checkbox', label: '显示价格', required: false, defaultValue: false },
      {
        key: 'priceText',
        type: 'text',
        label: '价格',
        placeholder: '例如：¥199',
        required: true,
        validation: { maxLength: 12, pattern: '[¥￥]?[0-9]{1,6}([.][0-9]{1,2})?' },
        dependencies: [{ field: 'showPrice', operator: 'equals', value: true }],
      },
      { key: 'background', type: 'color', label: '背景颜色', required: true, defaultValue: '#f5f0e8' },
    ],
    submitButton: '生成海报',
    layout: 'vertical',
  },
  pipeline: {
    steps: [
      {
        ...cutOutStep,
        name: 'cut_out',
        inputMapping: { image: '${input_data.photo}' },
        outputMapping: { image: '$.image' },
      },
      {
        name: 'compose',
        type: 'scf',
        providerCandidates: ['scf-main'],
        scfFunction: 'poster-composer',
        inputMapping: {
          image: '${steps[0].output.image}',
          title: '${input_data.headline}',
          price: '${input_data.priceText}',
          colors: { background: '${input_data.background}' },
        },
        outputMapping: { image: '$.image' },
        timeoutSeconds: 120,
        retry: { maxAttempts: 2, delaySeconds: 5, backoff: 'fixed' },
      },
    ],
    onFailure: 'refund_quota',
    maxExecutionSeconds: 300,
  },
};
