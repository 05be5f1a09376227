import { z } from 'zod';

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
    isEnabled: z.boolean().default(false),
    quotaCost: z.int().positive().max(100_000),
    rateLimitPolicy: rateLimitPolicySchema.nullable(),
    formVersion: z.int().positive(),
    pipelineVersion: z.int().positive(),
    outputType: z.enum(OUTPUT_TYPES),
    saveToAssetLibrary: z.boolean(),
    displayOrder: z.int().min(0).max(100_000),
    weeklyBudgetFen: z.int().positive().nullable(),
  })
  .check((ctx) => {
    const f = ctx.value;
    const whitelist = f.accessScope === 'whitelist';
    if (whitelist && (f.allowedAccounts === null || f.allowedAccounts.length === 0))
      ctx.issues.push({
        code: 'custom',
        input: f.allowedAccounts,
        path: ['allowedAccounts'],
        message: 'a whitelist needs at least one account',
      });
    if (!whitelist && f.allowedAccounts !== null)
      ctx.issues.push({
        code: 'custom',
        input: f.allowedAccounts,
        path: ['allowedAccounts'],
        message: 'only a whitelist feature names accounts',
      });
    if (whitelist && f.planRequired !== null)
      ctx.issues.push({
        code: 'custom',
        input: f.planRequired,
        path: ['planRequired'],
        message: 'a whitelist feature has no plan level',
      });
  });
export type FeatureDefinition = z.infer<typeof featureDefinitionSchema>;
