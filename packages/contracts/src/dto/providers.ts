import { z } from 'zod';
import { providerRefSchema } from '../definitions/pipeline.ts';
import { definitionIssue } from '../definitions/issue.ts';
import { fieldIssueSchema } from '../errors/app-error.ts';
import { instantSchema } from '../units.ts';
import { acknowledgeSchema, definitionBodySchema } from './json-body.ts';

export const PROVIDER_KINDS = ['tencent_ci', 'builtin', 'runninghub', 'scf', 'http'] as const;
export type ProviderKind = (typeof PROVIDER_KINDS)[number];

const addressSchema = z
  .url({ protocol: /^https?$/ })
  .max(300)
  .check((ctx) => {
    const url = URL.parse(ctx.value);
    if (url === null || (url.username === '' && url.password === '' && url.search === '' && url.hash === '')) return;
    ctx.issues.push(
      definitionIssue(
        { input: ctx.value, path: [] },
        {
          rule: 'address',
          zh: '地址不能带用户名、密码、参数或片段',
          en: 'the address may carry no user, password, query or fragment',
          mend: { zh: '密钥写入 credentials', en: 'put secrets into credentials' },
        },
      ),
    );
  });

/** A provider as an operator writes it, without its credentials. */
export const providerBodySchema = z.strictObject({
  providerRef: providerRefSchema,
  kind: z.enum(PROVIDER_KINDS),
  baseUrl: addressSchema.nullable(),
  /** Share of calls among candidates that stand equal. */
  weight: z.int().min(1).max(1_000),
  timeoutSeconds: z.int().min(1).max(3_600),
  /** Calls at once over all workers. */
  maxConcurrency: z.int().min(1).max(1_000),
  ratePerMinute: z.int().min(1).max(100_000).nullable(),
  /** 1/1,000,000 yuan a call. */
  unitCostMicroYuan: z.int().min(0).max(1_000_000_000),
  isEnabled: z.boolean(),
  /** What the kind needs beside credentials, such as workflow and node ids. */
  settings: z.record(z.string().max(100), z.json()).nullable(),
});
export type ProviderBody = z.infer<typeof providerBodySchema>;

/** Written, never read back. */
export const providerCredentialsSchema = z.record(z.string().min(1).max(64), z.string().min(1).max(2_000));
export type ProviderCredentials = z.infer<typeof providerCredentialsSchema>;

export const providerHealthSchema = z.object({
  status: z.enum(['up', 'degraded', 'down']),
  consecutiveFailures: z.int(),
  /** 0 to 1, a running average. */
  errorRate: z.number(),
  latencyMs: z.int(),
  lastCheckAt: instantSchema,
});
export const providerRecordSchema = providerBodySchema.extend({
  revision: z.int().positive(),
  /** Names with what may be shown of each, such as `••••cdef`; null without any. They themselves never leave. */
  credentials: z.record(z.string(), z.string()).nullable(),
  health: providerHealthSchema.nullable(),
  updatedAt: instantSchema,
});
export const providerRecordsOutput = z.object({ items: z.array(providerRecordSchema) });
export const savedProviderOutput = z.object({
  provider: providerRecordSchema,
  warnings: z.array(fieldIssueSchema),
});
export const providerIdInput = z.strictObject({ providerRef: providerRefSchema });
export const createProviderInput = z.strictObject({
  provider: definitionBodySchema,
  credentials: providerCredentialsSchema.optional(),
  acknowledge: acknowledgeSchema,
});
export const updateProviderInput = z.strictObject({
  providerRef: providerRefSchema,
  revision: z.int().positive(),
  changes: definitionBodySchema,
  /** Replaces all of them; null takes them away; absent leaves them. */
  credentials: providerCredentialsSchema.nullish(),
  acknowledge: acknowledgeSchema,
});

export type ProviderRecord = z.infer<typeof providerRecordSchema>;
export type SavedProvider = z.infer<typeof savedProviderOutput>;
