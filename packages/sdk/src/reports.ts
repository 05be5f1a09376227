import { reading, writing } from './calls.ts';
import type { Connection } from './connection.ts';
import type * as t from './types.ts';

/** What was earned, spent and used, by day, month and year of Asia/Shanghai. Whole fen, micro-yuan and units of quota. */
export type ReportCalls = {
  reports: {
    /** Closed periods of a kind, newest first; `nextCursor` is the next page's `cursor`. Finance, auditors and admins. */
    list(filter: t.ReportFilter, options?: t.CallOptions): Promise<t.ReportPage>;
    /**
     * `2026-11-27`, `2026-11` or `2026`. `closedAt` is null while the figures may grow. Rejects: INPUT_INVALID for no such period or one
     * that has not begun, STATE_CONFLICT when too many days before it are open.
     */
    get(which: t.WhichReport, options?: t.CallOptions): Promise<t.ReportAnswer>;
    /** The same as canonical JSON, CSV, XLSX or a chart (SVG). Rejects as `get` does. */
    file(which: t.WhichReportFile, options?: t.CallOptions): Promise<t.ReportFile>;
    /** Closes every open day up to this one, for good. Finance and admins. Rejects: STATE_CONFLICT for a day not over for 30 minutes. */
    close(input: t.CloseReports, options?: t.CallOptions): Promise<t.ClosedPeriod[]>;
  };
};

export function reportsOf({ call }: Connection): ReportCalls {
  return {
    reports: {
      list: (filter, options) => call((trpc, o) => trpc.reports.list.query(filter, o), reading(options)),
      get: (which, options) => call((trpc, o) => trpc.reports.get.query(which, o), reading(options)),
      file: async (which, options) => {
        const file = await call((trpc, o) => trpc.reports.file.query(which, o), reading(options));
        const bytes = Uint8Array.from(atob(file.base64), (character) => character.charCodeAt(0));
        return { name: file.name, contentType: file.contentType, bytes };
      },
      close: async (input, options) =>
        (await call((trpc, o) => trpc.reports.close.mutate(input, o), writing(options))).closed,
    },
  };
}
