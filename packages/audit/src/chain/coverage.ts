import type { Run } from './id-runs.ts';

/** Ids that were passed over at `sinceMs`: of a transaction that had not committed then, or of none. */
export type Gap = Run & { readonly sinceMs: number };

/** Which ids of a source are sealed: all from 1 to `high` but those in the gaps, which ascend. Changed in place. */
export type Coverage = { high: number; gaps: Gap[] };

/**
 * How long a row may commit after the rows behind it: longer than any transaction of ours lives. What turns up in a gap later
 * than that was not written by the program.
 */
export const LATE_MS = 15 * 60_000;

/** Nothing is sealed. */
export function emptyCoverage(): Coverage {
  return { high: 0, gaps: [] };
}

/**
 * Seals runs of ids, which ascend, at a time. Gives back what could not be: ids that are sealed already (`doubled`), and ids of
 * gaps that were closed by then (`late`), which are sealed all the same.
 */
export function cover(coverage: Coverage, runs: readonly Run[], atMs: number): { doubled: Run[]; late: Run[] } {
  const doubled: Run[] = [];
  const late: Run[] = [];
  for (const run of runs) {
    if (run.from <= coverage.high) {
      const below = { from: run.from, to: Math.min(run.to, coverage.high) };
      const found = fill(coverage.gaps, below, atMs);
      doubled.push(...found.doubled);
      late.push(...found.late);
    }
    if (run.to <= coverage.high) continue;
    if (run.from > coverage.high + 1) coverage.gaps.push({ from: coverage.high + 1, to: run.from - 1, sinceMs: atMs });
    coverage.high = run.to;
  }
  return { doubled, late };
}

/** The gaps that a row may still commit into. */
export function openGaps(coverage: Coverage, nowMs: number): Gap[] {
  return coverage.gaps.filter((gap) => nowMs - gap.sinceMs <= LATE_MS);
}

/** Takes a run out of the gaps; what of it lies in none is doubled. */
function fill(gaps: Gap[], run: Run, atMs: number): { doubled: Run[]; late: Run[] } {
  const doubled: Run[] = [];
  const late: Run[] = [];
  let from = run.from;
  for (let index = firstReaching(gaps, from); from <= run.to;) {
    const gap = gaps[index];
    if (gap === undefined || gap.from > run.to) {
      doubled.push({ from, to: run.to });
      break;
    }
    if (gap.from > from) doubled.push({ from, to: gap.from - 1 });
    const part = { from: Math.max(from, gap.from), to: Math.min(run.to, gap.to) };
    if (atMs - gap.sinceMs > LATE_MS) late.push(part);
    const left = [
      ...(gap.from < part.from ? [{ ...gap, to: part.from - 1 }] : []),
      ...(part.to < gap.to ? [{ ...gap, from: part.to + 1 }] : []),
    ];
    gaps.splice(index, 1, ...left);
    index += gap.from < part.from ? 1 : 0;
    from = part.to + 1;
  }
  return { doubled, late };
}

/** The index of the first gap that ends at or behind `id`. */
function firstReaching(gaps: readonly Gap[], id: number): number {
  let low = 0;
  let high = gaps.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((gaps[middle]?.to ?? id) < id) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Whether the id lies in one of the gaps. */
export function isOpen(gaps: readonly Gap[], id: number): boolean {
  const gap = gaps[firstReaching(gaps, id)];
  return gap !== undefined && gap.from <= id;
}
