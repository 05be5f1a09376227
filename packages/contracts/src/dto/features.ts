import { z } from 'zod';
import { FEATURE_CATEGORIES, OUTPUT_TYPES, featureIdSchema, rateLimitPolicySchema } from '../definitions/feature.ts';
import { formFieldSchema, formLayoutSchema } from '../definitions/form.ts';

/** What a member sees of a feature: no accounts, pipelines or providers. */
export const featureSchema = z.object({
  featureId: featureIdSchema,
  title: z.string(),
  description: z.string(),
  iconUrl: z.string().nullable(),
  category: z.enum(FEATURE_CATEGORIES),
  quotaCost: z.int().nonnegative(),
  rateLimit: rateLimitPolicySchema.nullable(),
  outputType: z.enum(OUTPUT_TYPES),
  displayOrder: z.int(),
});
export const featuresOutput = z.object({ items: z.array(featureSchema) });
export const featureFormInput = z.strictObject({ featureId: featureIdSchema });
export const featureFormOutput = z.object({
  featureId: featureIdSchema,
  version: z.int(),
  fields: z.array(formFieldSchema),
  submitButton: z.string(),
  layout: formLayoutSchema,
});

export type Feature = z.infer<typeof featureSchema>;
export type FeatureForm = z.infer<typeof featureFormOutput>;
