import type { Clock, Db, RawDatabase } from '@yunshang/db';
import { type Block, type Head, sealBlock } from './block.ts';
import { appendBlock, findHead, findTotals, loadCoverages } from './block.store.ts';
import { cover, type Coverage, emptyCoverage, type Gap, LATE_MS, openGaps } from './coverage.ts';
import { encodeRuns, runsOf } from './id-runs.ts';
import { type Source, SOURCES } from './source.ts';
import { PAGE_ROWS, readBehind, readWithin, type SourceRows, writtenAt } from './source.store.ts';

/** Blocks of a source in one run; the next run goes on. */
const BLOCKS_PER_RUN = 60;
/** A gap is looked into every time while it is this young, later once a period: nearly every one is of a statement just under way. */
const YOUNG_MS = 10_000;
const OLD_GAPS_EVERY_MS = 30_000;

export type Sealed = {
  rows: number;
  blocks: number;
  /** How old the oldest row was when it was sealed. */
  lagMs: number;
};

export type Sealer = {
  /** Seals what has been committed. Safe beside itself: of two that seal at once one gives way. */
  run(): Promise<Sealed>;
};

type Deps = { db: Db; raw: Pick<RawDatabase, 'read'>; clock: Clock };
/** What the process knows of the chain; forgotten as soon as another has written to it. */
type Known = {
  head: Head;
  coverages: Map<string, Coverage>;
  totals: Map<string, number>;
  oldGapsLookedAtMs: number;
};

/**
 * Gives each committed row of the sources its place in the chain, in blocks. Rows of one source are sealed in the order of their
 * ids, but for those that commit late: they come in a later block, never in none, as long as they are within LATE_MS.
 */
export function createSealer(deps: Deps): Sealer {
  let known: Known | undefined;
  return {
    async run() {
      const head = await findHead(deps.db);
      if (known?.head.seq !== head.seq || !known.head.chainHash.equals(head.chainHash))
        known = await learn(deps.db, head);
      const sealed: Sealed = { rows: 0, blocks: 0, lagMs: 0 };
      for (const source of SOURCES)
        if (!(await sealSource(deps, { known, source, sealed }))) {
          known = undefined;
          break;
        }
      return sealed;
    },
  };
}

async function learn(db: Db, head: Head): Promise<Known> {
  const before = head.seq + 1;
  const totals = await findTotals(db, { before });
  return {
    head,
    coverages: await loadCoverages(db, { before }),
    totals: new Map([...totals].map(([source, { totalRows }]) => [source, totalRows])),
    oldGapsLookedAtMs: 0,
  };
}

type Round = { known: Known; source: Source; sealed: Sealed };

/** False when another process has gone on with the chain. */
async function sealSource(deps: Deps, round: Round): Promise<boolean> {
  const { known, source } = round;
  const late = await readLate(deps, round);
  if (late.rows.length > 0 && !(await append(deps, round, late))) return false;
  for (let blocks = 0; blocks < BLOCKS_PER_RUN; blocks += 1) {
    const page = await readBehind(deps.raw, source, known.coverages.get(source.table)?.high ?? 0);
    if (page.rows.length === 0) return true;
    if (!(await append(deps, round, page))) return false;
    // The rest is still coming in.
    if (page.rows.length < PAGE_ROWS / 2) return true;
  }
  return true;
}

/** Rows that have committed behind others. */
async function readLate({ raw, clock }: Deps, { known, source }: Round): Promise<SourceRows> {
  const coverage = known.coverages.get(source.table) ?? emptyCoverage();
  const nowMs = clock.now().getTime();
  const all = nowMs - known.oldGapsLookedAtMs > OLD_GAPS_EVERY_MS;
  if (all && source.table === SOURCES.at(-1)?.table) known.oldGapsLookedAtMs = nowMs;
  const gaps = openGaps(coverage, nowMs).filter((gap) => all || nowMs - gap.sinceMs < YOUNG_MS);
  if (gaps.length === 0) return { columns: [], rows: [] };
  return readWithin(raw, source, gaps);
}

async function append({ db, clock }: Deps, round: Round, page: SourceRows): Promise<boolean> {
  const { known, source, sealed } = round;
  const coverage = known.coverages.get(source.table) ?? emptyCoverage();
  const runs = runsOf(page.rows.map(({ id }) => id));
  const totalRows = (known.totals.get(source.table) ?? 0) + page.rows.length;
  const label = {
    seq: known.head.seq + 1,
    source: source.table,
    rowCount: page.rows.length,
    totalRows,
    highId: Math.max(coverage.high, page.rows.at(-1)?.id ?? 0),
    ids: encodeRuns(runs),
    sealedAt: clock.now(),
  };
  const block: Block = sealBlock(known.head, label, {
    source,
    columns: page.columns,
    rows: page.rows.map(({ row }) => row),
  });
  if (!(await appendBlock(db, block))) return false;
  cover(coverage, runs, label.sealedAt.getTime());
  coverage.gaps = withoutClosed(coverage.gaps, label.sealedAt.getTime());
  known.coverages.set(source.table, coverage);
  known.totals.set(source.table, totalRows);
  known.head = { seq: block.seq, chainHash: block.chainHash };
  sealed.rows += block.rowCount;
  sealed.blocks += 1;
  sealed.lagMs = Math.max(sealed.lagMs, label.sealedAt.getTime() - writtenAt(source, page, 0).getTime());
  return true;
}

function withoutClosed(gaps: Gap[], nowMs: number): Gap[] {
  return gaps.some((gap) => nowMs - gap.sinceMs > LATE_MS)
    ? gaps.filter((gap) => nowMs - gap.sinceMs <= LATE_MS)
    : gaps;
}
