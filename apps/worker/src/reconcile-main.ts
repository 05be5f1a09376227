import {
  createBillGateway,
  createReconciliation,
  createReconciliationWork,
  createWechatGateway,
  type DayOfKind,
  type ReconciliationWork,
} from '@yunshang/billing';
import {
  isAppError,
  RECONCILIATION_KINDS,
  type ReconciliationException,
  type ReconciliationKind,
  type ReconciliationRun,
  yuanText,
} from '@yunshang/contracts';
import { connect, systemClock, type Db } from '@yunshang/db';
import { createImageEngine, type ImageEngine } from '@yunshang/image-engine';
import { createCosStorage } from '@yunshang/pipeline';
import { billArchive } from './bill-archive.ts';
import { readConfig, type ProcessConfig } from './config.ts';
import { consumptionBooks } from './consumption.ts';
import { providersOf } from './providers.ts';

const PAGE = 100;

/**
 * `pnpm reconcile <day> [wechat|provider]`: compares a day's bills, and what vendors consumed, with our books. Exit code 0 when nothing of that
 * day is left to deal with, 1 when something is, 2 when it could not be compared (yet).
 */
async function main(args: readonly string[]): Promise<number> {
  const [day, only] = args;
  const kinds = RECONCILIATION_KINDS.filter((kind) => only === undefined || kind === only);
  if (args.length > 2 || kinds.length === 0 || day === undefined || !/^\d{4}-\d{2}-\d{2}$/.test(day))
    throw new Error('usage: pnpm reconcile YYYY-MM-DD [wechat|provider]');
  const config = readConfig();
  const database = connect(config.databaseUrl, { connectionLimit: 4 });
  const engine = createImageEngine();
  try {
    const { db } = database;
    const work = createReconciliationWork(depsOf(config, db, engine));
    const codes: number[] = [];
    for (const kind of kinds) codes.push(await compare(work, db, { day, kind }));
    return Math.max(...codes);
  } finally {
    await Promise.all([database.close(), engine.close()]);
  }
}

function depsOf(config: ProcessConfig, db: Db, engine: ImageEngine): Parameters<typeof createReconciliationWork>[0] {
  const storage = createCosStorage(config.cos);
  const shared = { db, clock: systemClock };
  const providers = providersOf(config, { ...shared, storage, engine });
  return {
    ...shared,
    wechat: createWechatGateway(config.wechat, systemClock),
    bills: createBillGateway(config.wechat, systemClock),
    archive: billArchive(storage),
    consumption: consumptionBooks(config, { ...shared, providers }),
  };
}

async function compare(work: ReconciliationWork, db: Db, of: DayOfKind): Promise<number> {
  const { day, kind } = of;
  const { run, worked } = await work.runNow(day, kind);
  const { exceptions } = createReconciliation({ db, clock: systemClock });
  const left = (await listLeft(exceptions, day)).filter((one) => isOf(kind, one));
  if (worked !== 'done') {
    const again = `again at ${worked.againAt.toISOString()}`;
    console.log(
      kind === 'wechat'
        ? `账单生成中 a bill of ${day} is being made; ${again}`
        : [`供应商未能读取 a vendor could not be read for ${day}; ${again}`, ...left.map(lineOf)].join('\n'),
    );
    return 2;
  }
  console.log([...linesOf(run), ...left.map(lineOf)].join('\n'));
  return left.length === 0 ? 0 : 1;
}

function isOf(kind: ReconciliationKind, exception: ReconciliationException): boolean {
  return (exception.kind.startsWith('cost_') || exception.kind === 'consumption_unread') === (kind === 'provider');
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

function moneyOf({ sums, counts }: ReconciliationRun): string[] {
  const sum = (name: string): string => yuanText(sums[name] ?? 0);
  const count = (name: string): number => counts[name] ?? 0;
  return [
    `  收款 payments: there ${count('paymentsThere')} (${sum('paidThereFen')}), here ${count('paymentsHere')} (${sum('paidHereFen')}), matched ${count('paymentsMatched')}`,
    `  退款 refunds: there ${count('refundsThere')} (${sum('refundedThereFen')}), matched ${count('refundsMatched')}, of earlier months ${count('refundsOfEarlierMonths')}`,
  ];
}

function consumptionOf({ sums, counts }: ReconciliationRun): string[] {
  const count = (name: string): number => counts[name] ?? 0;
  return [
    `  账户 accounts: ${count('accounts')}, ${count('accountsUnread')} could not be read 未能读取`,
    `  消耗 consumed: ${sums['consumedMicroYuan'] ?? 0} micro-yuan there, at most ${sums['bookedMicroYuan'] ?? 0} here; ${count('works')} works, ${count('segmentsThere')} text segments there, ${count('segmentsHere')} here`,
  ];
}

function linesOf(run: ReconciliationRun): string[] {
  return [
    `对账 ${run.day} ${run.kind}  run ${run.id}`,
    ...run.bills.map(
      ({ kind, state, rows, sha1 }) => `  ${kind}: ${state}, ${rows} rows${sha1 === null ? '' : `, SHA1 ${sha1}`}`,
    ),
    ...(run.kind === 'wechat' ? moneyOf(run) : consumptionOf(run)),
    `  差异 differences: ${run.found} found, ${run.healed} healed, ${run.counts['gone'] ?? 0} gone`,
  ];
}

function lineOf(exception: ReconciliationException): string {
  const { kind, severity, owner, state, subject, details } = exception;
  // By name: the order in which the details were written does not outlive every database.
  const figures = Object.entries(details)
    .toSorted(([one], [other]) => (one < other ? -1 : 1))
    .map(([name, value]) => `${name}=${String(value)}`);
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
