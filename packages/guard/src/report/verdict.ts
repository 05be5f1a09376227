import { assertNever } from '@yunshang/contracts';
import type { Finding, Report, Suppressed, Unjudged, Verdict, Where } from './report.ts';

/** The verdict over findings that nobody answered for: one FAIL decides, then what could not be judged, then warnings. */
export function verdictOf(findings: readonly Finding[], unjudged: readonly Unjudged[]): Verdict {
  if (findings.some(({ severity }) => severity === 'FAIL')) return 'FAIL';
  if (unjudged.length > 0) return 'UNJUDGED';
  return findings.length > 0 ? 'PASS-WITH-WARNING' : 'PASS';
}

type Judged = {
  findings: readonly Finding[];
  unjudged?: readonly Unjudged[];
  suppressed?: readonly Suppressed[];
  items: number;
  rules: number;
};

/** A report with its verdict, everything in an order that depends on nothing but the findings. */
export function reportOf({ findings, unjudged = [], suppressed = [], items, rules }: Judged): Report {
  return {
    version: 1,
    verdict: verdictOf(findings, unjudged),
    checked: { items, rules },
    findings: findings.toSorted(byImportance),
    unjudged: unjudged.toSorted((a, b) => compare(whereKey(a.where), whereKey(b.where))),
    suppressed: suppressed.toSorted((a, b) => byImportance(a.finding, b.finding)),
  };
}

/** One report of several, such as configuration and database in one night's review. */
export function mergeReports(reports: readonly Report[]): Report {
  return reportOf({
    findings: reports.flatMap(({ findings }) => findings),
    unjudged: reports.flatMap(({ unjudged }) => unjudged),
    suppressed: reports.flatMap(({ suppressed }) => suppressed),
    items: reports.reduce((sum, { checked }) => sum + checked.items, 0),
    rules: reports.reduce((sum, { checked }) => sum + checked.rules, 0),
  });
}

/** 0 PASS, also with warnings unless `isStrict`, then 1. 2 FAIL. 3 could not judge. */
export function exitCodeOf(verdict: Verdict, { isStrict }: { isStrict: boolean }): 0 | 1 | 2 | 3 {
  switch (verdict) {
    case 'PASS':
      return 0;
    case 'PASS-WITH-WARNING':
      return isStrict ? 1 : 0;
    case 'FAIL':
      return 2;
    case 'UNJUDGED':
      return 3;
    default:
      return assertNever(verdict);
  }
}

/** A place as people write it: `src/a.ts:3:5`, `features.basic_clean.quotaCost`, `quota_logs.ck_amount`, `users #01J…`. */
export function whereText(where: Where): string {
  if ('file' in where) return `${where.file}:${where.line}:${where.column}`;
  if ('path' in where) return where.path;
  const object = where.object === undefined ? '' : `.${where.object}`;
  return `${where.table}${object}${where.row === undefined ? '' : ` #${where.row}`}`;
}

function byImportance(a: Finding, b: Finding): number {
  if (a.severity !== b.severity) return a.severity === 'FAIL' ? -1 : 1;
  return compare(a.ruleId, b.ruleId) || compare(whereKey(a.where), whereKey(b.where));
}

/** Numbers padded, so that line 9 comes before line 10. */
function whereKey(where: Where): string {
  return whereText(where).replaceAll(/\d+/g, (digits) => digits.padStart(12, '0'));
}

function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}
