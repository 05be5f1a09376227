import type { Clock, RawDatabase } from '@yunshang/db';
import { emptyCoverage, isOpen, openGaps } from '../chain/coverage.ts';
import { SOURCES } from '../chain/source.ts';
import { readBehind, writtenAt } from '../chain/source.store.ts';
import type { Progress } from './prove-block.ts';
import type { RowFinder } from './row-finder.ts';

/** A row that waits longer than this is not being sealed: sealing comes every second or two. */
const WAITING_MS = 60_000;

type Deps = { raw: Pick<RawDatabase, 'read'>; clock: Clock; finder: RowFinder };

/**
 * Looks at rows that no block holds: those that have just come may wait, those among sealed rows were not written by the program.
 * Returns how many wait, at most some hundred of each source.
 */
export async function checkUnsealed({ raw, clock, finder }: Deps, progress: Progress): Promise<number> {
  const { findings } = progress;
  const now = clock.now().getTime();
  let waiting = 0;
  for (const source of SOURCES) {
    const { table } = source;
    const coverage = progress.coverages.get(table) ?? emptyCoverage();
    const page = await readBehind(raw, source, coverage.high);
    const [first] = page.rows;
    const since = writtenAt(source, page, 0);
    if (first !== undefined && now - since.getTime() > WAITING_MS)
      findings.add('row_not_sealed', { where: table, id: first.id }, `written at ${since.toISOString()}`);
    waiting += page.rows.length;
    // Behind a block that could not be read nobody knows which rows it held.
    if (progress.isPatchy) continue;
    const open = openGaps(coverage, now);
    for (const id of finder.strays(table).filter((stray) => stray < 1 || isOpen(coverage.gaps, stray)))
      if (isOpen(open, id)) waiting += 1;
      else findings.add('row_inserted', { where: table, id }, 'it is in no block, and the chain has passed it');
  }
  return waiting;
}
