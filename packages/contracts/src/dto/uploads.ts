import { z } from 'zod';
import { idSchema, instantSchema } from '../units.ts';

export const UPLOAD_TYPES = ['image/jpeg', 'image/png', 'image/webp'] as const;
export const MAX_UPLOAD_BYTES = 10 * 1024 * 1024;

export const beginUploadInput = z.strictObject({
  contentType: z.enum(UPLOAD_TYPES),
  sizeBytes: z.int().min(1).max(MAX_UPLOAD_BYTES),
});
/** Everything the browser needs to PUT one object straight to COS; the credentials allow this key, size and type only. */
export const beginUploadOutput = z.object({
  assetId: idSchema,
  /** Where to PUT, without a query. */
  url: z.string(),
  /** The path as COS signs it: `/` + key. */
  signedPath: z.string(),
  contentType: z.string(),
  credentials: z.object({
    secretId: z.string(),
    secretKey: z.string(),
    sessionToken: z.string(),
    /** Unix seconds. */
    startTime: z.int(),
    expiredTime: z.int(),
  }),
});
export const completeUploadInput = z.strictObject({ assetId: idSchema });

export const ASSET_KINDS = ['upload', 'result'] as const;
export const assetSchema = z.object({
  id: idSchema,
  kind: z.enum(ASSET_KINDS),
  contentType: z.string(),
  width: z.int().nullable(),
  height: z.int().nullable(),
  bytes: z.int(),
  taskId: idSchema.nullable(),
  featureId: z.string().nullable(),
  createdAt: instantSchema,
});
export const listAssetsInput = z.strictObject({
  kind: z.enum(ASSET_KINDS).default('result'),
  featureId: z.string().max(64).optional(),
  cursor: idSchema.optional(),
  limit: z.int().min(1).max(100).default(20),
});
export const assetsOutput = z.object({ items: z.array(assetSchema), nextCursor: idSchema.nullable() });
export const downloadAssetInput = z.strictObject({ assetId: idSchema });
export const downloadAssetOutput = z.object({ url: z.string(), expiresAt: instantSchema });

export type BeginUpload = z.infer<typeof beginUploadOutput>;
export type Asset = z.infer<typeof assetSchema>;
