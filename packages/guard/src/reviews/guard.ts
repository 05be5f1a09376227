import { AppError, type StoredReport, type StoredReports } from '@yunshang/contracts';
import type { Clock, Db } from '@yunshang/db';
import { createConfigurationGuard, type ConfigurationGuard } from '../configuration/guard-configuration.ts';
import { findReport, listReports } from './report.store.ts';

/** The guard as the API offers it. */
export type Guard = ConfigurationGuard & {
  /** The review that was stored last. Throws GUARD_REPORT_NOT_FOUND before the first. */
  lastReport(): Promise<StoredReport>;
  /** Throws GUARD_REPORT_NOT_FOUND. */
  getReport(reportId: string): Promise<StoredReport>;
  /** The newest first, without what each found. */
  listReports(page: { cursor?: string | undefined; limit: number }): Promise<StoredReports>;
};

export function createGuard({ db, clock }: { db: Db; clock: Clock }): Guard {
  const get = async (reportId?: string): Promise<StoredReport> => {
    const report = await findReport(db, reportId);
    if (report === undefined) throw new AppError('GUARD_REPORT_NOT_FOUND');
    return report;
  };
  return {
    ...createConfigurationGuard({ db, clock }),
    lastReport: () => get(),
    getReport: get,
    listReports: (page) => listReports(db, page),
  };
}
