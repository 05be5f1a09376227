import { connect, systemClock } from '@yunshang/db';
import { checkOrphans, createCosStorage, type OrphanReport } from '@yunshang/pipeline';
import { readConfig } from './config.ts';

/** `pnpm orphans [--remove]`: compares bucket and rows. Exit code 1 when a row's object is missing, 2 when it could not look. */
async function main(args: readonly string[]): Promise<number> {
  if (args.some((arg) => arg !== '--remove')) throw new Error('usage: pnpm orphans [--remove]');
  const config = readConfig();
  const database = connect(config.databaseUrl, { connectionLimit: 4 });
  try {
    const deps = { db: database.db, clock: systemClock, storage: createCosStorage(config.cos) };
    const report = await checkOrphans(deps, { remove: args.includes('--remove') });
    console.log(linesOf(report).join('\n'));
    return report.rowsWithoutObject.length === 0 ? 0 : 1;
  } finally {
    await database.close();
  }
}

function linesOf(report: OrphanReport): string[] {
  const { objects, rows, objectsWithoutRow, rowsWithoutObject, removed } = report;
  return [
    ...objectsWithoutRow.map(
      ({ key, bytes, modifiedAt }) => `object without row: ${key} ${bytes} B ${modifiedAt.toISOString()}`,
    ),
    ...rowsWithoutObject.map(({ assetId, key }) => `row without object: ${assetId} ${key}`),
    `${objects} objects, ${rows} rows, ${objectsWithoutRow.length} objects without row (${removed} removed), ${rowsWithoutObject.length} rows without object`,
  ];
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  console.error(error instanceof Error ? error.message : 'failed');
  process.exitCode = 2;
}
