import { z } from 'zod';

/** JSON as an operator wrote it; judged by the use case, which answers with DEFINITION_INVALID and every issue. */
export const definitionBodySchema = z.record(z.string().max(64), z.json());
export type DefinitionBody = z.infer<typeof definitionBodySchema>;

/** Rules whose warnings whoever saves has read. */
export const acknowledgeSchema = z
  .array(z.string().regex(/^BG[123]\d\d$/, 'must be the id of a rule, such as BG122'))
  .max(50)
  .default([]);
