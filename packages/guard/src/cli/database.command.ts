import { connect, systemClock } from '@yunshang/db';
import { reviewDatabase } from '../database/review-database.ts';
import { UsageError, type Command } from './command.ts';
import { printReport, readFormat, REPORT_OPTIONS } from './print-report.ts';

/** `billing-guard database`: BG3xx. */
export const databaseCommand: Command = {
  usage: 'database --url <url> [--app-account <name@host>]',
  says: '审查数据库 · schema, settings, the account and the rows; an account that only reads is enough',
  options: { ...REPORT_OPTIONS, url: { type: 'string' }, 'app-account': { type: 'string' } },
  run: async (typed, io) => {
    readFormat(typed.options.format);
    const { url, 'app-account': account } = typed.options;
    if (typeof url !== 'string') throw new UsageError('name a database, such as --url mysql://guard@host/name');
    const database = connect(url, { connectionLimit: 1 });
    try {
      const options = typeof account === 'string' ? { account } : {};
      return printReport(await reviewDatabase(database.db, { now: systemClock.now(), ...options }), typed, io);
    } finally {
      await database.close();
    }
  },
};
