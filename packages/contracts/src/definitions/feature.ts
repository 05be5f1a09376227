import { z } from 'zod';
import { definitionIssue } from './issue.ts';

export const FEATURE_CATEGORIES = ['image', 'video', 'text'] as const;
export const OUTPUT_TYPES = ['singleImage', 'multiImage', 'video', 'zip', 'textBundle'] as const;
export const ACCESS_SCOPES = ['plan', 'whitelist'] as const;

export const featureIdSchema = z.string().regex(/^[a-z][a-z0-9_]{1,63}$/, 'must be snake case, 2 to 64 characters');

export const rateLimitPolicySchema = z.strictObject({
  maxPerHour: z.int().positive().max(100_000),
  maxPerDay: z.int().positive().max(1_000_000),
  cooldownSeconds: z.int().nonnegative().max(86_400),
});
export type RateLimitPolicy = z.infer<typeof rateLimitPolicySchema>;

/** A feature as an operator writes it: see docs/specs/feature-definition.md. */
export const featureDefinitionSchema = z
  .strictObject({
    featureId: featureIdSchema,
    title: z.string().min(1).max(60),
    description: z.string().max(500),
    iconUrl: z.url().max(500).nullable(),
    category: z.enum(FEATURE_CATEGORIES),
    accessScope: z.enum(ACCESS_SCOPES),
    /** Lowest plan level; null lets any member in. */
    planRequired: z.int().min(1).max(9).nullable(),
    /** User ids or account ids; only with accessScope `whitelist`, and then at least one. */
    allowedAccounts: z.array(z.string().min(1).max(64)).max(10_000).nullable(),
    /** Of a trial: when and on what condition it opens to whom, or when it ends. */
    launchPlan: z.string().max(500).nullable().default(null),
    isEnabled: z.boolean().default(false),
    /** Zero only with an approval of two people. */
    quotaCost: z.int().nonnegative().max(100_000),
    rateLimitPolicy: rateLimitPolicySchema.nullable(),
    formVersion: z.int().positive(),
    pipelineVersion: z.int().positive(),
    outputType: z.enum(OUTPUT_TYPES),
    /** How many results a `multiImage` feature owes: all of them or the charge goes back. Null: any number. */
    expectedOutputs: z.int().min(1).max(50).nullable().default(null),
    /** Whether results are made by AI and must carry the label and metadata of GB 45438-2025. */
    aiGenerated: z.boolean().default(true),
    saveToAssetLibrary: z.boolean(),
    displayOrder: z.int().min(0).max(100_000),
    weeklyBudgetFen: z.int().positive().nullable(),
  })
  .check((ctx) => {
    const f = ctx.value;
    const whitelist = f.accessScope === 'whitelist';
    if (whitelist && (f.allowedAccounts === null || f.allowedAccounts.length === 0))
      ctx.issues.push(
        definitionIssue(
          { input: f.allowedAccounts, path: ['allowedAccounts'] },
          {
            rule: 'whitelist',
            zh: '白名单功能至少需要一个账户',
            en: 'a whitelist needs at least one account',
            mend: { zh: '填写用户编号或账户编号', en: 'name user ids or account ids' },
          },
        ),
      );
    if (!whitelist && f.allowedAccounts !== null)
      ctx.issues.push(
        definitionIssue(
          { input: f.allowedAccounts, path: ['allowedAccounts'] },
          {
            rule: 'whitelist',
            zh: '只有白名单功能可以指定账户',
            en: 'only a whitelist feature names accounts',
            mend: { zh: '改为 null，或把 accessScope 设为 whitelist', en: 'set null, or accessScope to whitelist' },
          },
        ),
      );
    if (whitelist && f.planRequired !== null)
      ctx.issues.push(
        definitionIssue(
          { input: f.planRequired, path: ['planRequired'] },
          {
            rule: 'whitelist',
            zh: '白名单功能不看套餐等级',
            en: 'a whitelist feature has no plan level',
            mend: { zh: '改为 null', en: 'set null' },
          },
        ),
      );
    if (f.expectedOutputs !== null && f.outputType !== 'multiImage')
      ctx.issues.push(
        definitionIssue(
          { input: f.expectedOutputs, path: ['expectedOutputs'] },
          {
            rule: 'outputs',
            zh: '只有 multiImage 功能可以规定结果数量',
            en: 'only a multiImage feature owes a number of results',
            mend: { zh: '改为 null，或把 outputType 设为 multiImage', en: 'set null, or outputType to multiImage' },
          },
        ),
      );
  });
export type FeatureDefinition = z.infer<typeof featureDefinitionSchema>;
