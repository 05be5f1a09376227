import { assertNever } from '@yunshang/contracts';
import { reportAnnotations } from '../report/annotations.ts';
import type { Report } from '../report/report.ts';
import { reportSarif } from '../report/sarif.ts';
import { reportText } from '../report/text.ts';
import { exitCodeOf } from '../report/verdict.ts';
import { RULES } from '../rules.ts';
import { UsageError, type Io, type Typed } from './command.ts';

const FORMATS = ['text', 'json', 'sarif', 'github'] as const;
type Format = (typeof FORMATS)[number];

/** Options that every command with a report takes. */
export const REPORT_OPTIONS = {
  format: { type: 'string', default: 'text' },
  strict: { type: 'boolean', default: false },
  'docs-url': { type: 'string', default: 'docs/guard/' },
} as const;

/** Prints the report as `--format` asks, and gives the exit code. */
export function printReport(report: Report, { options }: Typed, io: Io): number {
  io.out(render(report, readFormat(options.format), String(options['docs-url']), io));
  return exitCodeOf(report.verdict, { isStrict: options.strict === true });
}

/** Throws UsageError before anything is looked at. */
export function readFormat(value: unknown): Format {
  const format = FORMATS.find((known) => known === value);
  if (format === undefined) throw new UsageError(`--format is one of ${FORMATS.join(', ')}, not ${String(value)}`);
  return format;
}

function render(report: Report, format: Format, docsUrl: string, { hasColour }: Io): string {
  switch (format) {
    case 'text':
      return reportText(report, RULES, { hasColour });
    case 'json':
      return JSON.stringify(report, undefined, 2);
    case 'sarif':
      return JSON.stringify(reportSarif(report, RULES, { docsUrl }), undefined, 2);
    case 'github':
      return reportAnnotations(report, RULES);
    default:
      return assertNever(format);
  }
}
