import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Bilingual } from '@yunshang/contracts';
import { connect } from '@yunshang/db';
import type { Configuration } from '../configuration/configuration.ts';
import { firstDay } from '../configuration/first-day.ts';
import { loadConfiguration } from '../configuration/load-configuration.ts';
import { readConfiguration, UnreadableConfiguration } from '../configuration/read-configuration.ts';
import { reviewConfiguration } from '../configuration/review-configuration.ts';
import type { Report } from '../report/report.ts';
import { reportOf } from '../report/verdict.ts';
import { UsageError, type Command, type Io, type Typed } from './command.ts';
import { printReport, readFormat, REPORT_OPTIONS } from './print-report.ts';

/** Where a configuration comes from; commands that look at one take these. */
export const SOURCE_OPTIONS = {
  file: { type: 'string' },
  database: { type: 'string' },
  seeds: { type: 'boolean', default: false },
} as const;

/** `billing-guard config`: BG1xx. */
export const configCommand: Command = {
  usage: 'config --file <export.json> | --database <url> | --seeds',
  says: '审查配置 · features, forms, pipelines, plans, providers and prices',
  options: { ...REPORT_OPTIONS, ...SOURCE_OPTIONS },
  run: async (typed, io) => {
    readFormat(typed.options.format);
    const source = await readSource(typed, io);
    const report =
      'configuration' in source ? reviewConfiguration(source.configuration, { now: new Date() }) : source.report;
    return printReport(report, typed, io);
  },
};

/** The configuration that was named, or a report that it can not be read. Throws UsageError unless exactly one is named. */
export async function readSource(
  { options: { file, database, seeds } }: Typed,
  io: Io,
): Promise<{ configuration: Configuration } | { report: Report }> {
  const named = [file, database, seeds === true ? true : undefined].filter((each) => each !== undefined);
  if (named.length !== 1) throw new UsageError('name one of --file, --database and --seeds');
  if (typeof file === 'string') return readFileSource(file, io);
  return { configuration: typeof database === 'string' ? await readDatabase(database) : firstDay() };
}

async function readFileSource(file: string, io: Io): Promise<{ configuration: Configuration } | { report: Report }> {
  try {
    const text = file === '-' ? await readAll(process.stdin) : await readFile(resolve(io.cwd, file), 'utf8');
    return { configuration: readConfiguration(JSON.parse(text)) };
  } catch (error) {
    return {
      report: reportOf({
        findings: [],
        unjudged: [{ where: { path: file }, reason: reasonOf(error) }],
        items: 0,
        rules: 0,
      }),
    };
  }
}

async function readAll(stream: AsyncIterable<Buffer | string>): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of stream) parts.push(Buffer.from(part));
  return Buffer.concat(parts).toString('utf8');
}

function reasonOf(error: unknown): Bilingual {
  if (error instanceof UnreadableConfiguration) return error.reason;
  const message = error instanceof Error ? error.message : String(error);
  if (error instanceof SyntaxError) return { zh: `不是 JSON：${message}`, en: `this is not JSON: ${message}` };
  return { zh: `无法读取：${message}`, en: `it can not be read: ${message}` };
}

async function readDatabase(url: string): Promise<Configuration> {
  const database = connect(url, { connectionLimit: 1 });
  try {
    return await loadConfiguration(database.db);
  } finally {
    await database.close();
  }
}
