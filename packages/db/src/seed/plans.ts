import { toJson } from '../json.ts';

/** What is sold from the first day. Prices in fen, periods in days. */
export const PLANS = [
  {
    plan_id: 'BASIC',
    version: 1,
    level: 1,
    title: '基础',
    title_en: 'Basic',
    price_fen: 9900,
    quota: 100,
    period_days: 30,
  },
  {
    plan_id: 'PRO',
    version: 1,
    level: 2,
    title: '专业',
    title_en: 'Pro',
    price_fen: 19900,
    quota: 200,
    period_days: 30,
  },
  {
    plan_id: 'PREMIUM',
    version: 1,
    level: 3,
    title: '旗舰',
    title_en: 'Premium',
    price_fen: 39900,
    quota: 500,
    period_days: 30,
  },
] as const;

/** Off until somebody enters the account's workflows and key. */
const OFF = { is_enabled: 0 } as const;

/** The cloud functions that pipelines may name, and the files each makes. */
const FUNCTIONS = {
  'poster-composer': { outputs: [{ name: 'image', contentType: 'image/jpeg' }] },
  'image-grid': { outputs: [{ name: 'image', contentType: 'image/jpeg' }] },
  'video-composer': { outputs: [{ name: 'video', contentType: 'video/mp4' }] },
  'text-templates': { outputs: [{ name: 'texts', contentType: 'text/plain; charset=utf-8' }] },
};

/** Unit costs are estimates until a vendor's own figure replaces them. */
export const PROVIDERS = [
  {
    provider_ref: 'tencent-ci',
    kind: 'tencent_ci',
    timeout_seconds: 20,
    max_concurrency: 20,
    unit_cost_micro_yuan: 30_000,
  },
  {
    provider_ref: 'builtin-image-engine',
    kind: 'builtin',
    timeout_seconds: 150,
    max_concurrency: 2,
    unit_cost_micro_yuan: 2_000,
  },
  ...(['runninghub-a', 'runninghub-b'] as const).map((provider_ref) => ({
    provider_ref,
    kind: 'runninghub' as const,
    timeout_seconds: 30,
    max_concurrency: 3,
    unit_cost_micro_yuan: 500_000,
    ...OFF,
  })),
  {
    provider_ref: 'scf-main',
    kind: 'scf',
    timeout_seconds: 600,
    max_concurrency: 10,
    unit_cost_micro_yuan: 10_000,
    settings: toJson({ functions: FUNCTIONS }),
  },
] as const;
