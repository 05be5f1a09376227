import {
  createBillGateway,
  createReconciliation,
  createReconciliationWork,
  createWechatGateway,
} from '@yunshang/billing';
import { isAppError, type ReconciliationException, type ReconciliationRun, yuanText } from '@yunshang/contracts';
import { connect, systemClock } from '@yunshang/db';
import { createCosStorage } from '@yunshang/pipeline';
import { billArchive } from './bill-archive.ts';
import { readConfig } from './config.ts';

const PAGE = 100;

/**
 * `pnpm reconcile <day>`: compares a day's bills with our books. Exit code 0 when nothing of that day is left to deal with, 1 when
 * something is, 2 when it could not be compared (yet).
 */
async function main(args: readonly string[]): Promise<number> {
  const [day] = args;
  if (args.length !== 1 || day === undefined || !/^\d{4}-\d{2}-\d{2}$/.test(day))
    throw new Error('usage: pnpm reconcile YYYY-MM-DD');
  const config = readConfig();
  const database = connect(config.databaseUrl, { connectionLimit: 4 });
  try {
    const { db } = database;
    const deps = { db, clock: systemClock };
    const { run, worked } = await createReconciliationWork({
      ...deps,
      wechat: createWechatGateway(config.wechat, systemClock),
      bills: createBillGateway(config.wechat, systemClock),
      archive: billArchive(createCosStorage(config.cos)),
    }).runNow(day);
    if (worked !== 'done') {
      console.log(`账单生成中 a bill of ${day} is being made; again at ${worked.againAt.toISOString()}`);
      return 2;
    }
    const left = await listLeft(createReconciliation(deps).exceptions, day);
    console.log([...linesOf(run), ...left.map(lineOf)].join('\n'));
    return left.length === 0 ? 0 : 1;
  } finally {
    await database.close();
  }
}

async function listLeft(
  exceptions: ReturnType<typeof createReconciliation>['exceptions'],
  day: string,
): Promise<ReconciliationException[]> {
  const left: ReconciliationException[] = [];
  for (const state of ['open', 'reopened', 'investigating'] as const) {
    let cursor: string | undefined;
    do {
      const page = await exceptions.list({ day, state, cursor, limit: PAGE });
      left.push(...page.items);
      cursor = page.nextCursor ?? undefined;
    } while (cursor !== undefined);
  }
  return left;
}

function linesOf(run: ReconciliationRun): string[] {
  const sum = (name: string): string => yuanText(run.sums[name] ?? 0);
  const count = (name: string): number => run.counts[name] ?? 0;
  return [
    `对账 ${run.day}  run ${run.id}`,
    ...run.bills.map(
      ({ kind, state, rows, sha1 }) => `  ${kind}: ${state}, ${rows} rows${sha1 === null ? '' : `, SHA1 ${sha1}`}`,
    ),
    `  收款 payments: there ${count('paymentsThere')} (${sum('paidThereFen')}), here ${count('paymentsHere')} (${sum('paidHereFen')}), matched ${count('paymentsMatched')}`,
    `  退款 refunds: there ${count('refundsThere')} (${sum('refundedThereFen')}), matched ${count('refundsMatched')}, of earlier months ${count('refundsOfEarlierMonths')}`,
    `  差异 differences: ${run.found} found, ${run.healed} healed, ${count('gone')} gone`,
  ];
}

function lineOf(exception: ReconciliationException): string {
  const { kind, severity, owner, state, subject, details } = exception;
  const figures = Object.entries(details).map(([name, value]) => `${name}=${String(value)}`);
  return `  ${severity} ${kind} ${subject} [${state}, ${owner}] ${figures.join(' ')}`.trimEnd();
}

/** Codes and texts of our own; what a library says may name what must not be shown. */
function messageOf(error: unknown): string {
  if (isAppError(error)) return `${error.code}: ${error.details.issues?.[0]?.en ?? error.message}`;
  return error instanceof Error ? error.message : 'failed';
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  console.error(messageOf(error));
  process.exitCode = 2;
}
