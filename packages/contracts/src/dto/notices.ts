import { z } from 'zod';
import { idSchema, instantSchema } from '../units.ts';

const bilingual = z.object({ zh: z.string(), en: z.string() });
export const noticeSchema = z.object({
  id: idSchema,
  kind: z.enum(['low_quota']),
  title: bilingual,
  text: bilingual,
  details: z.object({ available: z.int() }),
  createdAt: instantSchema,
  readAt: instantSchema.nullable(),
});
export const listNoticesInput = z.strictObject({
  cursor: idSchema.optional(),
  limit: z.int().min(1).max(100).default(20),
});
export const noticesOutput = z.object({
  items: z.array(noticeSchema),
  /** Of all of them. */
  unread: z.int(),
  nextCursor: idSchema.nullable(),
});
/** All up to this one: the newest that was shown. */
export const readNoticesInput = z.strictObject({ upTo: idSchema });
export const readNoticesOutput = z.object({ unread: z.int() });

export type Notice = z.infer<typeof noticeSchema>;
