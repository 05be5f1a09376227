import { bilingualSchema } from '@yunshang/contracts';
import { z } from 'zod';

const fileSchema = z.strictObject({
  /** Relative to where the guard was asked to look, with forward slashes. */
  file: z.string(),
  /** Lines and columns count from 1. */
  line: z.int().positive(),
  column: z.int().positive(),
  endLine: z.int().positive().optional(),
  endColumn: z.int().positive().optional(),
});
/** A place in the configuration, such as `features.basic_clean.quotaCost`. */
const pathSchema = z.strictObject({ path: z.string() });
/** A thing of a table: a constraint, trigger or setting as `object`, or one row. Neither for the table itself. */
const tableSchema = z.strictObject({ table: z.string(), object: z.string().optional(), row: z.string().optional() });

const whereSchema = z.union([fileSchema, pathSchema, tableSchema]);
export type Where = z.infer<typeof whereSchema>;
export type FileWhere = z.infer<typeof fileSchema>;

export const findingSchema = z.strictObject({
  ruleId: z.string().regex(/^BG[123]\d\d$/),
  severity: z.enum(['FAIL', 'WARNING']),
  message: bilingualSchema,
  where: whereSchema,
  /** Why the guard believes it: the arithmetic, or the path of its reasoning, a line each. */
  evidence: z.array(z.string()),
});
export type Finding = z.infer<typeof findingSchema>;

/** What could not be looked at, and why. A report with one of these never says PASS. */
const unjudgedSchema = z.strictObject({ where: whereSchema, reason: bilingualSchema });
export type Unjudged = z.infer<typeof unjudgedSchema>;

/** A finding that somebody answered for. It does not count for the verdict, and is always listed. */
const suppressedSchema = z.strictObject({ finding: findingSchema, reason: z.string().min(1) });
export type Suppressed = z.infer<typeof suppressedSchema>;

/** `UNJUDGED`: nothing failed, but something could not be looked at. */
export const VERDICTS = ['PASS', 'PASS-WITH-WARNING', 'FAIL', 'UNJUDGED'] as const;
export type Verdict = (typeof VERDICTS)[number];

/** What the guard found, as `--format json` prints it and as it is stored. */
export const reportSchema = z.strictObject({
  version: z.literal(1),
  verdict: z.enum(VERDICTS),
  /** How much was looked at: files, definitions or tables, and rules. */
  checked: z.strictObject({ items: z.int().nonnegative(), rules: z.int().nonnegative() }),
  findings: z.array(findingSchema),
  unjudged: z.array(unjudgedSchema),
  suppressed: z.array(suppressedSchema),
});
export type Report = z.infer<typeof reportSchema>;
