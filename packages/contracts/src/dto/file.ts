import { z } from 'zod';

/** A file as an answer. REST sends it as a download; elsewhere it is these fields. */
export const fileOutput = z.object({
  fileName: z.string().regex(/^[\w.-]{1,120}$/),
  contentType: z.string(),
  text: z.string(),
});
export type TextFile = z.infer<typeof fileOutput>;
