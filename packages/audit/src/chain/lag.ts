import type { Db } from '@yunshang/db';
import { findTotals } from './block.store.ts';
import { findOldestBehind } from './source.store.ts';

/** How long the oldest row behind the chain has waited to be sealed, in seconds; 0 when none waits. */
export async function auditLagSeconds(db: Db, now: Date): Promise<number> {
  const totals = await findTotals(db, { before: Number.MAX_SAFE_INTEGER });
  const highs = new Map([...totals].map(([source, { highId }]) => [source, highId]));
  const oldest = [...(await findOldestBehind(db, highs)).values()].map((time) => time.getTime());
  return oldest.length === 0 ? 0 : Math.max(0, now.getTime() - Math.min(...oldest)) / 1000;
}
