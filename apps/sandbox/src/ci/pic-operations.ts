import { z } from 'zod';
import { parseJsonObject } from '../http.ts';
import { invalid, parseRule, type RuleStep } from './rule.ts';

const picOperations = z.object({
  is_pic_info: z.union([z.literal(0), z.literal(1)]).default(0),
  rules: z
    .array(z.object({ fileid: z.string().min(1), rule: z.string().min(1), bucket: z.string().optional() }))
    .min(1)
    .max(5),
});

/** A result to make: where it goes and how. */
export type PicRule = { key: string; text: string; steps: RuleStep[] };

/** Reads the Pic-Operations header of a request about `sourceKey`. */
export function readPicOperations(header: string | undefined, sourceKey: string): PicRule[] {
  const parsed = picOperations.safeParse(parseJsonObject(Buffer.from(header ?? '')));
  if (!parsed.success) throw invalid('Pic-Operations');
  return parsed.data.rules.map(({ fileid, rule }) => ({
    key: resultKey(fileid, sourceKey),
    text: rule,
    steps: parseRule(rule),
  }));
}

/** A leading `/` makes the name absolute; otherwise the result lies beside its source. */
function resultKey(fileid: string, sourceKey: string): string {
  if (fileid.startsWith('/')) return fileid.slice(1);
  return `${sourceKey.slice(0, sourceKey.lastIndexOf('/') + 1)}${fileid}`;
}
