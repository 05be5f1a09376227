import type { RawRow } from '@yunshang/db';
import { type Block, entryHasher, FORMAT, HASH_BYTES, openingHash } from '../chain/block.ts';
import { cover, type Coverage, emptyCoverage } from '../chain/coverage.ts';
import { countIds, decodeRuns, eachId, type Run } from '../chain/id-runs.ts';
import { findSource, type Source } from '../chain/source.ts';
import type { SourceRows } from '../chain/source.store.ts';
import type { FindingsList } from './findings-list.ts';

/** How far the proof has come, and what it has seen. */
export type Progress = {
  seq: number;
  /** Undefined behind a block that is missing. */
  chainHash: Buffer | undefined;
  readonly coverages: Map<string, Coverage>;
  readonly totals: Map<string, number>;
  blocks: number;
  /** Blocks could not be read: which rows are sealed is not known. */
  isPatchy: boolean;
  readonly findings: FindingsList;
};

/** A block that can be read: its source, and its rows by their ids. */
export type ReadableBlock = { readonly block: Block; readonly source: Source; readonly runs: readonly Run[] };

/** Rows that were looked up, of one source. */
export type FoundRows = Pick<SourceRows, 'columns'> & { readonly byId: ReadonlyMap<number, RawRow> };

/** The block with its list of rows; undefined when what it says of itself makes no sense. */
export function readBlock(block: Block): ReadableBlock | undefined {
  const source = findSource(block.source);
  const runs = decodeRuns(block.ids);
  if (source === undefined || runs === undefined) return undefined;
  const isWhole =
    block.format === FORMAT &&
    countIds(runs) === block.rowCount &&
    block.entries.length === (block.rowCount + 1) * HASH_BYTES;
  return isWhole ? { block, source, runs } : undefined;
}

/** Moves on to this block, which must be the next. */
export function enterBlock(progress: Progress, block: Block): void {
  const missing = block.seq - progress.seq - 1;
  if (missing > 0) {
    progress.findings.add('block_missing', ofBlock(progress.seq + 1), `${missing} missing before block ${block.seq}`);
    progress.isPatchy = true;
    progress.chainHash = undefined;
  }
  progress.seq = block.seq;
  progress.blocks += 1;
}

/** Goes on behind a block that can not be read. */
export function skipBlock(progress: Progress, block: Block): void {
  progress.findings.add('block_changed', ofBlock(block.seq), 'what it says of itself makes no sense');
  progress.isPatchy = true;
  progress.chainHash = block.chainHash;
}

/** Proves the block against the one before, and its rows against those that are there. */
export function proveBlock(progress: Progress, readable: ReadableBlock, found: FoundRows): void {
  const { block } = readable;
  const { findings } = progress;
  const opening = block.entries.subarray(0, HASH_BYTES);
  if (progress.chainHash !== undefined && !openingHash(progress.chainHash, block).equals(opening))
    findings.add(
      'block_changed',
      ofBlock(block.seq),
      `it does not follow block ${block.seq - 1}, or was changed itself`,
    );
  proveRows(progress, readable, found);
  if (!block.entries.subarray(-HASH_BYTES).equals(block.chainHash))
    findings.add('block_changed', ofBlock(block.seq), 'its hash is not that of its last row');
  countBlock(progress, readable);
  progress.chainHash = block.chainHash;
}

function proveRows(progress: Progress, { block, source, runs }: ReadableBlock, { columns, byId }: FoundRows): void {
  const hashEntry = entryHasher(source, columns);
  const { entries } = block;
  let at = 0;
  for (const id of eachId(runs)) {
    const previous = entries.subarray(at, at + HASH_BYTES);
    at += HASH_BYTES;
    const row = byId.get(id);
    if (row === undefined)
      progress.findings.add('row_missing', { where: source.table, id }, `sealed in block ${block.seq}`);
    else if (hashEntry(previous, row).compare(entries, at, at + HASH_BYTES) !== 0)
      progress.findings.add('row_changed', { where: source.table, id }, `sealed in block ${block.seq}`);
  }
}

/** Each row is sealed once, not long after its neighbours, and the block's sums go on from those before. */
function countBlock(progress: Progress, { block, source, runs }: ReadableBlock): void {
  const { findings } = progress;
  const { table } = source;
  const coverage = progress.coverages.get(table) ?? emptyCoverage();
  progress.coverages.set(table, coverage);
  const { doubled, late } = cover(coverage, runs, block.sealedAt.getTime());
  for (const run of doubled)
    findings.add('row_repeated', { where: table, id: run.from }, `sealed again in block ${block.seq}${upTo(run)}`);
  for (const run of late)
    findings.add(
      'row_inserted',
      { where: table, id: run.from },
      `sealed long after its neighbours, in block ${block.seq}${upTo(run)}`,
    );
  const total = (progress.totals.get(table) ?? 0) + block.rowCount;
  if (!progress.isPatchy && (block.totalRows !== total || block.highId !== coverage.high))
    findings.add(
      'block_changed',
      ofBlock(block.seq),
      `counts ${block.totalRows} rows of ${table} up to id ${block.highId}, there are ${total} up to ${coverage.high}`,
    );
  progress.totals.set(table, block.totalRows);
}

function upTo({ from, to }: Run): string {
  return from === to ? '' : `, up to id ${to}`;
}

function ofBlock(seq: number): { where: string; id: number } {
  return { where: 'audit_blocks', id: seq };
}
