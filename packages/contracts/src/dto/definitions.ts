import { z } from 'zod';
import { featureDefinitionSchema, featureIdSchema } from '../definitions/feature.ts';
import { fieldIssueSchema } from '../errors/app-error.ts';
import { instantSchema } from '../units.ts';
import { acknowledgeSchema, definitionBodySchema } from './json-body.ts';
import { providerBodySchema } from './providers.ts';

export const DEFINITION_KINDS = ['form', 'pipeline'] as const;
export type DefinitionKind = (typeof DEFINITION_KINDS)[number];
export const DEFINITION_STATUSES = ['draft', 'published', 'archived'] as const;

/** What is allowed and should still be looked at. */
const warningsSchema = z.array(fieldIssueSchema);
const revisionSchema = z.int().positive();
const kindSchema = z.enum(DEFINITION_KINDS);

export const versionIdInput = z.strictObject({
  featureId: featureIdSchema,
  kind: kindSchema,
  version: z.int().positive(),
});
export const publishVersionInput = versionIdInput.extend({ acknowledge: acknowledgeSchema });
export const saveDraftInput = z.strictObject({
  featureId: featureIdSchema,
  kind: kindSchema,
  body: definitionBodySchema,
  acknowledge: acknowledgeSchema,
});
export const versionSchema = z.object({
  featureId: featureIdSchema,
  kind: kindSchema,
  version: z.int(),
  status: z.enum(DEFINITION_STATUSES),
  createdAt: instantSchema,
  publishedAt: instantSchema.nullable(),
});
export const versionOutput = versionSchema.extend({ body: definitionBodySchema });
export const savedVersionOutput = versionSchema.extend({ warnings: warningsSchema });

/** A feature as operators see it. `revision` moves with every change and is given back with the next. */
export const featureRecordSchema = z.object({
  ...featureDefinitionSchema.shape,
  revision: revisionSchema,
  updatedAt: instantSchema,
  deletedAt: instantSchema.nullable(),
});
export const featureRecordsOutput = z.object({ items: z.array(featureRecordSchema) });
export const featureDetailOutput = z.object({
  /** Null while only drafts exist. */
  feature: featureRecordSchema.nullable(),
  versions: z.array(versionSchema),
});
export const savedFeatureOutput = z.object({ feature: featureRecordSchema, warnings: warningsSchema });
export const definitionFeatureInput = z.strictObject({ featureId: featureIdSchema });
export const createFeatureInput = z.strictObject({ definition: definitionBodySchema, acknowledge: acknowledgeSchema });
export const updateFeatureInput = z.strictObject({
  featureId: featureIdSchema,
  revision: revisionSchema,
  changes: definitionBodySchema,
  acknowledge: acknowledgeSchema,
});

const exportedVersionSchema = z.strictObject({
  featureId: featureIdSchema,
  version: z.int().positive(),
  status: z.enum(DEFINITION_STATUSES),
  body: definitionBodySchema,
});
/** Everything that makes features what they are, without secrets. */
export const definitionsFileSchema = z.strictObject({
  format: z.literal('yunshang-definitions/1'),
  providers: z.array(providerBodySchema),
  forms: z.array(exportedVersionSchema),
  pipelines: z.array(exportedVersionSchema),
  features: z.array(featureDefinitionSchema),
});
export const importInput = z.strictObject({
  file: definitionBodySchema,
  dryRun: z.boolean(),
  acknowledge: acknowledgeSchema,
});
export const importChangeSchema = z.object({
  what: z.enum(['provider', 'form', 'pipeline', 'feature']),
  /** `basic_clean`, `tencent-ci`, or `basic_clean/2` for a version. */
  id: z.string(),
  change: z.enum(['created', 'changed']),
  fields: z.array(z.object({ field: z.string(), before: z.json(), after: z.json() })),
});
export const importOutput = z.object({
  dryRun: z.boolean(),
  changes: z.array(importChangeSchema),
  warnings: warningsSchema,
});

export type DefinitionVersion = z.infer<typeof versionSchema>;
export type DefinitionVersionBody = z.infer<typeof versionOutput>;
export type SavedVersion = z.infer<typeof savedVersionOutput>;
export type FeatureRecord = z.infer<typeof featureRecordSchema>;
export type FeatureDetail = z.infer<typeof featureDetailOutput>;
export type SavedFeature = z.infer<typeof savedFeatureOutput>;
export type DefinitionsFile = z.infer<typeof definitionsFileSchema>;
export type ImportChange = z.infer<typeof importChangeSchema>;
export type ImportReport = z.infer<typeof importOutput>;
