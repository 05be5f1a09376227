import { z } from 'zod';

/** What the moderator says of a picture; a pass is Normal with a score of 0 unless told otherwise. */
export const verdictShape = {
  suggestion: z.enum(['Pass', 'Review', 'Block']),
  label: z.string().min(1).optional(),
  subLabel: z.string().default(''),
  score: z.number().int().min(0).max(100).optional(),
};

export type Verdict = z.output<z.ZodObject<typeof verdictShape>>;
