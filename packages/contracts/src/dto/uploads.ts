import { z } from 'zod';
import { idSchema, instantSchema } from '../units.ts';

/** What may be uploaded, and the most bytes of each. */
export const UPLOAD_TYPES = ['image/jpeg', 'image/png', 'image/webp', 'video/mp4'] as const;
const MEBIBYTE = 1024 * 1024;
export const MAX_UPLOAD_BYTES = { image: 10 * MEBIBYTE, video: 50 * MEBIBYTE } as const;

export const beginUploadInput = z
  .strictObject({ contentType: z.enum(UPLOAD_TYPES), sizeBytes: z.int().min(1).max(MAX_UPLOAD_BYTES.video) })
  .refine(({ contentType, sizeBytes }) => contentType === 'video/mp4' || sizeBytes <= MAX_UPLOAD_BYTES.image, {
    path: ['sizeBytes'],
    message: `a picture may have ${MAX_UPLOAD_BYTES.image} bytes at most`,
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
export const ASSET_LABELS = ['visible', 'none'] as const;
export const ASSET_TYPES = ['image', 'video', 'text'] as const;
export const assetSchema = z.object({
  id: idSchema,
  kind: z.enum(ASSET_KINDS),
  contentType: z.string(),
  width: z.int().nullable(),
  height: z.int().nullable(),
  /** Of a film. */
  durationMs: z.int().nullable(),
  bytes: z.int(),
  taskId: idSchema.nullable(),
  featureId: z.string().nullable(),
  /** Whether the file shows that AI made it; null for uploads. */
  label: z.enum(ASSET_LABELS).nullable(),
  /** The file can also be had without the visible label, by who accepts LABEL_STATEMENT. */
  hasUnlabelled: z.boolean(),
  createdAt: instantSchema,
});
export const listAssetsInput = z.strictObject({
  kind: z.enum(ASSET_KINDS).default('result'),
  featureId: z.string().max(64).optional(),
  /** What the file is. */
  type: z.enum(ASSET_TYPES).optional(),
  /** Made at this time or later. */
  from: instantSchema.optional(),
  /** Made before this time. */
  to: instantSchema.optional(),
  cursor: idSchema.optional(),
  limit: z.int().min(1).max(100).default(20),
});
export const assetsOutput = z.object({ items: z.array(assetSchema), nextCursor: idSchema.nullable() });
export const downloadAssetInput = z.strictObject({ assetId: idSchema });
export const downloadAssetOutput = z.object({ url: z.string(), expiresAt: instantSchema });
export const deleteAssetInput = z.strictObject({ assetId: idSchema });

/** What a member takes upon himself who wants a file without the visible label; each acceptance is recorded. */
export const LABEL_STATEMENT = {
  version: 1,
  zh: '我已知悉：该文件由人工智能生成，下载的版本不含可见标识。公开发布时，我将依照《人工智能生成合成内容标识办法》主动声明并添加标识，不删除、篡改文件中的隐式标识，并承担由此产生的责任。',
  en: 'I know that AI made this file and that this version has no visible label. When publishing it I will declare and label it as the law asks, will not remove or change the record inside the file, and answer for it.',
} as const;
export const labelStatementOutput = z.object({ version: z.int(), zh: z.string(), en: z.string() });
export const downloadUnlabelledInput = z.strictObject({
  assetId: idSchema,
  /** The version of LABEL_STATEMENT that is accepted; not needed again once it was. */
  acceptedStatement: z.int().optional(),
});

export type BeginUpload = z.infer<typeof beginUploadOutput>;
export type Asset = z.infer<typeof assetSchema>;
