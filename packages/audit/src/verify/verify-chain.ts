import { setImmediate as breath } from 'node:timers/promises';
import type { AuditReport } from '@yunshang/contracts';
import type { Clock, Db, RawDatabase } from '@yunshang/db';
import type { VerifyingKeys } from '../anchors/anchor-keys.ts';
import type { AnchorPlace } from '../anchors/anchor-place.ts';
import { GENESIS, type Block } from '../chain/block.ts';
import { findHead, findTotals, listBlocks, loadCoverages } from '../chain/block.store.ts';
import { emptyCoverage } from '../chain/coverage.ts';
import { SOURCES } from '../chain/source.ts';
import { checkUnsealed } from './check-unsealed.ts';
import { type AnchorCheck, checkAgainst } from './compare-anchors.ts';
import { findingsList } from './findings-list.ts';
import { checkGuards, checkRepeatedEffects } from './guards.store.ts';
import {
  enterBlock,
  type FoundRows,
  type Progress,
  proveBlock,
  type ReadableBlock,
  readBlock,
  skipBlock,
} from './prove-block.ts';
import { type Anchors, readAnchors } from './read-anchors.ts';
import { repeatedRows, type RepeatedRows } from './repeated-rows.ts';
import { createRowFinder, type RowFinder } from './row-finder.ts';

const BLOCKS_AT_ONCE = 64;
const NO_ANCHORS: Anchors = { list: [], counts: {}, later: [] };

export type VerifyDeps = {
  db: Db;
  raw: Pick<RawDatabase, 'read'>;
  clock: Clock;
  keys: VerifyingKeys;
  /** Where anchors lie besides the database. */
  places: readonly AnchorPlace[];
};

export type VerifyOptions = {
  /** Begin behind this block, which is believed: the proof is of what came after it. 0 or absent: everything. */
  behind?: number;
  /** Prove the chain by itself: nothing shows then whether its end was cut or it was written anew. */
  withoutAnchors?: boolean;
  /** The database is a copy of an earlier time: what was anchored since is not missed. */
  isCopy?: boolean;
  /** Told now and then how many blocks of how many are proven. */
  onProgress?: (done: number, of: number) => void;
};

/**
 * Reads the chain and every row it holds and proves that each is as it was sealed, that nothing was taken out or put in, and that
 * the chain is the one that was anchored; or names what is not, the first in the order of the chain first. It only reads.
 */
export async function verifyChain(deps: VerifyDeps, options: VerifyOptions = {}): Promise<AuditReport> {
  const from = performance.now();
  const behind = options.behind ?? 0;
  const findings = findingsList();
  await checkGuards(deps.db, findings);
  // Anchors first: the chain may only have grown since one was made.
  const anchors =
    options.withoutAnchors === true
      ? NO_ANCHORS
      : await readAnchors(deps, { after: 0, isCopy: options.isCopy ?? false, findings });
  const head = await findHead(deps.db);
  const progress = await begin(deps.db, behind, findings);
  const start = new Map(behind === 0 ? [] : [...progress.coverages].map(([table, { high }]) => [table, high]));
  const finder = createRowFinder(deps.raw, start);
  const walk: Walk = {
    progress,
    finder,
    check: checkAgainst(
      anchors.list.filter((each) => each.block > behind),
      findings,
    ),
    repeated: new Map(),
  };
  for (let seq = behind + 1; seq <= head.seq; seq += BLOCKS_AT_ONCE) {
    const count = Math.min(BLOCKS_AT_ONCE, head.seq - seq + 1);
    await proveBlocks(walk, await listBlocks(deps.db, { from: seq, count }));
    options.onProgress?.(Math.min(seq + BLOCKS_AT_ONCE - 1, head.seq) - behind, head.seq - behind);
  }
  walk.check.finish(head.seq);
  const waiting = await checkUnsealed({ ...deps, finder }, progress);
  for (const repeated of walk.repeated.values()) await repeated.check(deps.raw, findings);
  await checkRepeatedEffects(deps.db, findings);
  return reportOf(walk, { anchors, behind, waiting, head, seconds: (performance.now() - from) / 1000 });
}

type Walk = {
  progress: Progress;
  finder: RowFinder;
  check: AnchorCheck;
  /** Of sources that no unique key guards. */
  repeated: Map<string, RepeatedRows>;
};

async function begin(db: Db, behind: number, findings: Progress['findings']): Promise<Progress> {
  const empty = new Map(SOURCES.map(({ table }) => [table, emptyCoverage()] as const));
  const base = { blocks: 0, isPatchy: false, findings };
  if (behind === 0) return { ...base, seq: 0, chainHash: GENESIS.chainHash, coverages: empty, totals: new Map() };
  const [block] = await listBlocks(db, { from: behind, count: 1 });
  if (block === undefined) throw new Error(`there is no block ${behind} to begin behind`);
  const totals = await findTotals(db, { before: behind + 1 });
  return {
    ...base,
    seq: behind,
    chainHash: block.chainHash,
    coverages: await loadCoverages(db, { before: behind + 1 }),
    totals: new Map([...totals].map(([source, { totalRows }]) => [source, totalRows])),
  };
}

async function proveBlocks({ progress, finder, check, repeated }: Walk, blocks: readonly Block[]): Promise<void> {
  const readable = new Map(blocks.map((block) => [block.seq, readBlock(block)] as const));
  const found = await finder.find([...readable.values()].filter((each) => each !== undefined));
  for (const block of blocks) {
    enterBlock(progress, block);
    const one = readable.get(block.seq);
    if (one === undefined) skipBlock(progress, block);
    else {
      const rows = found.get(one.source.table) ?? { columns: [], byId: new Map() };
      proveBlock(progress, one, rows);
      if (one.source.uniqueKeys.length === 0) noteRows(repeated, one, rows);
    }
    check.pass(block, progress.totals);
    // A block is some milliseconds of hashing; who does it beside other work must not keep that waiting.
    await breath();
  }
}

function noteRows(
  repeated: Map<string, RepeatedRows>,
  { source, runs }: ReadableBlock,
  { columns, byId }: FoundRows,
): void {
  if (columns.length === 0) return;
  const known = repeated.get(source.table) ?? repeatedRows(source, columns);
  repeated.set(source.table, known);
  for (const { from, to } of runs)
    for (let id = from; id <= to; id += 1) {
      const row = byId.get(id);
      if (row !== undefined) known.note(id, row);
    }
}

function reportOf(
  { progress, check }: Walk,
  seen: {
    anchors: Anchors;
    behind: number;
    waiting: number;
    head: { seq: number; chainHash: Buffer };
    seconds: number;
  },
): AuditReport {
  const { findings } = progress;
  const { confirmed } = check;
  return {
    ok: findings.all.length === 0,
    findings: [...findings.all],
    more: findings.more,
    behind: seen.behind,
    head: { block: seen.head.seq, chainHash: seen.head.chainHash.toString('hex') },
    blocks: progress.blocks,
    rows: Object.fromEntries(progress.totals),
    waiting: seen.waiting,
    anchors: seen.anchors.counts,
    anchored:
      confirmed === undefined ? null : { n: confirmed.n, at: confirmed.at.toISOString(), block: confirmed.block },
    later: seen.anchors.later.length,
    seconds: Math.round(seen.seconds * 100) / 100,
  };
}
