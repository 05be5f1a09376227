import { type AuditBlocksTable, type Db, isDuplicate, type Tx } from '@yunshang/db';
import { sql, type Selectable } from 'kysely';
import { type Block, GENESIS, type Head } from './block.ts';
import { cover, type Coverage, emptyCoverage, LATE_MS } from './coverage.ts';
import { decodeRuns } from './id-runs.ts';
import { SOURCES } from './source.ts';

/** How many blocks are read at once when only their labels are wanted. */
const LABELS = 500;

/** The last block of the chain. */
export async function findHead(db: Db): Promise<Head> {
  const row = await db
    .selectFrom('audit_blocks')
    .select(['seq', 'chain_hash'])
    .where('seq', '=', (eb) => eb.selectFrom('audit_blocks').select((agg) => agg.fn.max('seq').as('seq')))
    .executeTakeFirst();
  return row === undefined ? GENESIS : { seq: row.seq, chainHash: row.chain_hash };
}

/** Puts the block at the end; false when another has its place already. */
export async function appendBlock(db: Db, block: Block): Promise<boolean> {
  try {
    await db
      .insertInto('audit_blocks')
      .values({
        seq: block.seq,
        format: block.format,
        source: block.source,
        row_count: block.rowCount,
        total_rows: block.totalRows,
        high_id: block.highId,
        ids: block.ids,
        entries: block.entries,
        chain_hash: block.chainHash,
        sealed_at: block.sealedAt,
      })
      .execute();
    return true;
  } catch (error) {
    if (isDuplicate(error)) return false;
    throw error;
  }
}

/** Blocks `from` to `from + count - 1` as far as they are there, in order. */
export async function listBlocks(db: Db, { from, count }: { from: number; count: number }): Promise<Block[]> {
  const rows = await db
    .selectFrom('audit_blocks')
    .selectAll()
    .where('seq', '>=', from)
    .where('seq', '<', from + count)
    .orderBy('seq')
    .execute();
  return rows.map(toBlock);
}

function toBlock(row: Selectable<AuditBlocksTable>): Block {
  return {
    seq: row.seq,
    format: row.format,
    source: row.source,
    rowCount: row.row_count,
    totalRows: row.total_rows,
    highId: row.high_id,
    ids: row.ids,
    entries: row.entries,
    chainHash: row.chain_hash,
    sealedAt: row.sealed_at,
  };
}

/** Rows sealed and greatest id of each source in the blocks before `seq`. */
export async function findTotals(
  db: Db | Tx,
  { before }: { before: number },
): Promise<Map<string, { totalRows: number; highId: number }>> {
  const newest = SOURCES.map(
    ({ table }) => sql`
      SELECT source, total_rows, high_id FROM audit_blocks WHERE seq = (
        SELECT MAX(seq) FROM audit_blocks WHERE source = ${table} AND seq < ${before})`,
  );
  const { rows } = await sql<{ source: string; total_rows: number; high_id: number }>`
    ${sql.join(newest, sql` UNION ALL `)}`.execute(db);
  return new Map(rows.map((row) => [row.source, { totalRows: row.total_rows, highId: row.high_id }]));
}

/**
 * What the blocks before `seq` cover: the greatest ids and the gaps that a row may still have committed into. Older gaps are
 * left out, as if they were sealed.
 */
export async function loadCoverages(db: Db, { before }: { before: number }): Promise<Map<string, Coverage>> {
  const labels = await listLabelsSince(db, before);
  const start = labels[0]?.seq ?? before;
  const totals = await findTotals(db, { before: start });
  const coverages = new Map<string, Coverage>(
    SOURCES.map(({ table }) => [table, { ...emptyCoverage(), high: totals.get(table)?.highId ?? 0 }]),
  );
  for (const label of labels) {
    const coverage = coverages.get(label.source);
    const runs = decodeRuns(label.ids);
    if (coverage !== undefined && runs !== undefined) cover(coverage, runs, label.sealed_at.getTime());
  }
  return coverages;
}

/** The blocks before `seq` that were sealed within the time that rows may be late, in order. */
async function listLabelsSince(db: Db, seq: number) {
  const labels: Pick<Selectable<AuditBlocksTable>, 'seq' | 'source' | 'ids' | 'sealed_at'>[] = [];
  let newestMs: number | undefined;
  for (let to = seq; to > 0; to -= LABELS) {
    const page = await db
      .selectFrom('audit_blocks')
      .select(['seq', 'source', 'ids', 'sealed_at'])
      .where('seq', '>=', to - LABELS)
      .where('seq', '<', to)
      .orderBy('seq', 'desc')
      .execute();
    for (const label of page) {
      newestMs ??= label.sealed_at.getTime();
      if (newestMs - label.sealed_at.getTime() > LATE_MS) return labels.toReversed();
      labels.push(label);
    }
    if (page.length === 0) break;
  }
  return labels.toReversed();
}
