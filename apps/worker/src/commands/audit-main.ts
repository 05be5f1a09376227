import { parseArgs, styleText } from 'node:util';
import {
  findAnchorBefore,
  newSigningKeyText,
  parseSigningKey,
  verdictOf,
  verifyChain,
  verifyingKeyText,
} from '@yunshang/audit';
import { AUDIT_FINDINGS, type AuditReport } from '@yunshang/contracts';
import { connect, type Db, openRaw, systemClock } from '@yunshang/db';
import { anchorPlaces } from './anchor-places.ts';
import { readAuditConfig } from './config.ts';
import { progressLine } from './progress-line.ts';

const USAGE = `usage: pnpm audit verify [--from <block, or date of an anchor>] [--without-anchors] [--json]
       pnpm audit new-key <id>`;

/** 0: proven. 1: something is wrong; the first of it is named first. 2: it could not be looked at. */
async function main(args: readonly string[]): Promise<number> {
  const [command, ...rest] = args;
  if (command === 'verify') return verify(rest);
  if (command === 'new-key' && rest.length === 1) return newKey(rest[0] ?? '');
  throw new Error(USAGE);
}

async function verify(args: string[]): Promise<number> {
  const options = {
    from: { type: 'string' },
    'without-anchors': { type: 'boolean' },
    json: { type: 'boolean' },
  } as const;
  const { values } = parseArgs({ args, options });
  const config = readAuditConfig();
  const withoutAnchors = values['without-anchors'] ?? false;
  if (config.keys.size === 0 && !withoutAnchors)
    throw new Error(
      'set AUDIT_PUBLIC_KEYS to judge the anchors, or give --without-anchors to prove the chain by itself',
    );
  const database = connect(config.databaseUrl, { connectionLimit: 2 });
  const raw = openRaw(config.databaseUrl, { connectionLimit: 2 });
  const progress = progressLine();
  try {
    const { db } = database;
    const places = withoutAnchors ? [] : anchorPlaces(config);
    const behind = values.from === undefined ? 0 : await blockOf(db, values.from);
    const report = await verifyChain(
      { db, raw, clock: systemClock, keys: config.keys, places },
      { behind, withoutAnchors, onProgress: (done, of) => progress.show(`${done} of ${of} blocks`) },
    );
    progress.clear();
    console.log(values.json === true ? JSON.stringify(report, undefined, 2) : reportText(report));
    return report.ok ? 0 : 1;
  } finally {
    progress.clear();
    await Promise.all([database.close(), raw.close()]);
  }
}

async function blockOf(db: Db, from: string): Promise<number> {
  if (/^[1-9]\d{0,14}$/.test(from)) return Number(from);
  const date = /^\d{4}-\d{2}-\d{2}(T[\d:.]+Z)?$/.test(from) ? new Date(from) : undefined;
  if (date === undefined || Number.isNaN(date.getTime()))
    throw new Error('--from takes the number of a block, or a date such as 2026-01-31');
  return (await findAnchorBefore(db, date))?.block ?? 0;
}

function reportText(report: AuditReport): string {
  const { findings, blocks, head, waiting, anchors, seconds } = report;
  const rows = Object.entries(report.rows).map(([table, count]) => `${table} ${count}`);
  const verdict = verdictOf(report);
  const facts = [
    `blocks ${blocks}${report.behind === 0 ? '' : ` behind ${report.behind}`}, head ${head.block} ${head.chainHash.slice(0, 16)}…`,
    `rows ${rows.join(', ') || 'none'}; ${waiting} wait to be sealed`,
    `anchors ${
      Object.entries(anchors)
        .map(([place, count]) => `${place} ${count}`)
        .join(', ') || 'not compared'
    }`,
    `${seconds} s`,
  ];
  const listed = findings.map(({ kind, where, id, detail }) => {
    const { zh, en } = AUDIT_FINDINGS[kind];
    return `  ${where} ${id}  ${kind}\n    ${zh} · ${en}\n    ${detail}`;
  });
  const head1 = report.ok ? styleText('green', 'OK 通过') : styleText('red', 'BROKEN 不一致');
  return [
    `${head1}  ${verdict.zh}\n${' '.repeat(4)}${verdict.en}`,
    ...listed,
    ...(report.more ? ['  … and more'] : []),
    ...facts.map((fact) => `  ${fact}`),
  ].join('\n');
}

function newKey(id: string): number {
  const secret = newSigningKeyText(id);
  // The key is what was asked for, not something to log.
  process.stdout.write(`AUDIT_SIGNING_KEY=${secret}\nAUDIT_PUBLIC_KEYS=${verifyingKeyText(parseSigningKey(secret))}\n`);
  return 0;
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  console.error(`audit: ${error instanceof Error ? error.message : 'failed'}`);
  process.exitCode = 2;
}
