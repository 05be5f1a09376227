import { assertNever, type Report, type ReportFormat } from '@yunshang/contracts';
import { canonicalJson } from './canonical.ts';
import { reportCsv } from './report-csv.ts';
import { reportSvg } from './report-svg.ts';
import { reportXlsx } from './report-xlsx.ts';

export type ReportFile = { name: string; contentType: string; bytes: Uint8Array };

const CONTENT_TYPES = {
  json: 'application/json',
  csv: 'text/csv; charset=utf-8',
  xlsx: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
  svg: 'image/svg+xml',
} as const satisfies Record<ReportFormat, string>;

/** The report as a file. As JSON it has the bytes its hash is of. */
export async function reportFile(report: Report, format: ReportFormat): Promise<ReportFile> {
  const name = `yunshang-${report.kind}-${report.period}.${format}`;
  return { name, contentType: CONTENT_TYPES[format], bytes: await bytesOf(report, format) };
}

async function bytesOf(report: Report, format: ReportFormat): Promise<Uint8Array> {
  switch (format) {
    case 'json':
      return Buffer.from(canonicalJson(report));
    case 'csv':
      return Buffer.from(reportCsv(report));
    case 'svg':
      return Buffer.from(reportSvg(report));
    case 'xlsx':
      return reportXlsx(report);
    default:
      return assertNever(format);
  }
}
