import { z } from 'zod';

/** The answer of a call that has nothing to tell but that it worked. */
export const doneOutput = z.object({ done: z.literal(true) });
export const DONE: z.infer<typeof doneOutput> = { done: true };
