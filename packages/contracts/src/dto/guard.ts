import { z } from 'zod';
import { featureIdSchema } from '../definitions/feature.ts';
import { fieldIssueSchema } from '../errors/app-error.ts';
import { bilingualSchema, idSchema, instantSchema } from '../units.ts';
import { definitionBodySchema } from './json-body.ts';

const guardFileSchema = z.strictObject({
  /** Relative to where the guard was asked to look, with forward slashes. */
  file: z.string(),
  /** Lines and columns count from 1. */
  line: z.int().positive(),
  column: z.int().positive(),
  endLine: z.int().positive().optional(),
  endColumn: z.int().positive().optional(),
});
/** A place in the configuration, such as `features.basic_clean.quotaCost`. */
const guardPathSchema = z.strictObject({ path: z.string() });
/** A thing of a table: a constraint, trigger or setting as `object`, or one row. Neither for the table itself. */
const guardTableSchema = z.strictObject({
  table: z.string(),
  object: z.string().optional(),
  row: z.string().optional(),
});
const guardWhereSchema = z.union([guardFileSchema, guardPathSchema, guardTableSchema]);

export const guardFindingSchema = z.strictObject({
  ruleId: z.string().regex(/^BG[123]\d\d$/),
  severity: z.enum(['FAIL', 'WARNING']),
  message: bilingualSchema,
  where: guardWhereSchema,
  /** Why the guard believes it: the arithmetic, or the path of its reasoning, a line each. */
  evidence: z.array(z.string()),
});
/** What could not be looked at, and why. A report with one of these never says PASS. */
const guardUnjudgedSchema = z.strictObject({ where: guardWhereSchema, reason: bilingualSchema });
/** A finding that somebody answered for. It does not count for the verdict, and is always listed. */
const guardSuppressedSchema = z.strictObject({ finding: guardFindingSchema, reason: z.string().min(1) });

/** `UNJUDGED`: nothing failed, but something could not be looked at. */
export const GUARD_VERDICTS = ['PASS', 'PASS-WITH-WARNING', 'FAIL', 'UNJUDGED'] as const;

/** What the guard found, as `billing-guard --format json` prints it and as it is stored. */
export const guardReportSchema = z.strictObject({
  version: z.literal(1),
  verdict: z.enum(GUARD_VERDICTS),
  /** How much was looked at: files, definitions or tables, and rules. */
  checked: z.strictObject({ items: z.int().nonnegative(), rules: z.int().nonnegative() }),
  findings: z.array(guardFindingSchema),
  unjudged: z.array(guardUnjudgedSchema),
  suppressed: z.array(guardSuppressedSchema),
});

/** The review of the whole installation that was stored last. */
export const storedReportOutput = z.object({
  id: idSchema,
  createdAt: instantSchema,
  durationMs: z.int(),
  report: guardReportSchema,
});
export const storedReportsOutput = z.object({
  items: z.array(
    z.object({
      id: idSchema,
      createdAt: instantSchema,
      verdict: z.enum(GUARD_VERDICTS),
      failures: z.int(),
      warnings: z.int(),
    }),
  ),
  nextCursor: idSchema.nullable(),
});
export const storedReportsInput = z.strictObject({
  cursor: idSchema.optional(),
  limit: z.int().min(1).max(100).default(20),
});
export const reportIdInput = z.strictObject({ reportId: idSchema });

/** Definitions as they would be: features, forms, pipelines, plans or providers, laid over what there is. */
export const reviewDraftInput = z.strictObject({ draft: definitionBodySchema });
export const reviewDraftOutput = z.object({
  /** What saving it would answer. `acknowledge`: it is kept once the rules named are acknowledged. */
  outcome: z.enum(['accepted', 'acknowledge', 'refused']),
  acknowledge: z.array(z.string()),
  failures: z.array(fieldIssueSchema),
  warnings: z.array(fieldIssueSchema),
  /** Of the whole configuration as it would be. */
  report: guardReportSchema,
});

/** What takes two people beside a save. */
export const EXCEPTION_KINDS = ['free_feature', 'below_cost'] as const;
export const requestExceptionInput = z.strictObject({
  featureId: featureIdSchema,
  kind: z.enum(EXCEPTION_KINDS),
  /** The exception ends then; a year from now at most. */
  until: instantSchema,
  reason: z.string().trim().min(10).max(500),
});
export type ExceptionKind = (typeof EXCEPTION_KINDS)[number];

export type GuardReport = z.infer<typeof guardReportSchema>;
export type StoredReport = z.infer<typeof storedReportOutput>;
export type StoredReports = z.infer<typeof storedReportsOutput>;
export type DraftReview = z.infer<typeof reviewDraftOutput>;
