import type { GuardReport, guardFindingSchema } from '@yunshang/contracts';
import type { z } from 'zod';

export { guardReportSchema as reportSchema, GUARD_VERDICTS as VERDICTS } from '@yunshang/contracts';

/** What the guard found, as `--format json` prints it and as it is stored. */
export type Report = GuardReport;
export type Verdict = Report['verdict'];
export type Finding = z.infer<typeof guardFindingSchema>;
export type Where = Finding['where'];
export type FileWhere = Extract<Where, { file: string }>;
/** What could not be looked at, and why. */
export type Unjudged = Report['unjudged'][number];
/** A finding that somebody answered for. */
export type Suppressed = Report['suppressed'][number];
