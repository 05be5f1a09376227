import { assertNever, type Batch, type TaskStatus } from '@yunshang/contracts';
import type { BatchPart, BatchRow } from './batch.store.ts';

type Part = Omit<BatchPart, 'batch_id'>;

/** What a member sees of a batch as a whole. */
export function toBatch(row: BatchRow, parts: readonly Part[]): Batch {
  const counts = countsOf(parts);
  const isDone = counts.pending + counts.processing === 0;
  const last = parts.reduce((latest, part) => Math.max(latest, part.last_finished_at?.getTime() ?? 0), 0);
  return {
    id: row.id,
    featureId: row.feature_id,
    size: row.size,
    counts,
    percent: Math.floor(sum(parts, ({ percents }) => percents) / row.size),
    isDone,
    charge: batchChargeOf(parts),
    createdAt: row.created_at.toISOString(),
    finishedAt: isDone ? new Date(last).toISOString() : null,
  };
}

/** The batch as it was answered when it was created, whatever became of it since. */
export function asCreated(row: BatchRow, quotaCost: number): Batch {
  const amount = quotaCost * row.size;
  const part: Part = {
    status: 'pending',
    charge_status: 'held',
    tasks: row.size,
    percents: 0,
    amount,
    last_finished_at: null,
  };
  return toBatch(row, [part]);
}

function countsOf(parts: readonly Part[]): Record<TaskStatus, number> {
  const of = (status: TaskStatus): number =>
    sum(
      parts.filter((part) => part.status === status),
      ({ tasks }) => tasks,
    );
  return {
    pending: of('pending'),
    processing: of('processing'),
    succeeded: of('succeeded'),
    failed: of('failed'),
    cancelled: of('cancelled'),
  };
}

/** What became of the charges, in the ledger's words. */
function batchChargeOf(parts: readonly Part[]): Batch['charge'] {
  const of = { held: 0, settled: 0, refunded: 0 };
  for (const { charge_status: status, amount } of parts) of[status] += amount;
  const { held, settled, refunded } = of;
  const numbers = { cost: held + settled + refunded, charged: held + settled, refunded };
  const back = refunded === 0 ? { zh: '', en: '' } : { zh: `，已退还 ${refunded} 配额`, en: `, ${refunded} returned` };
  const words = wordsOf(of);
  return { ...numbers, zh: `${words.zh}${back.zh}`, en: `${words.en}${back.en}` };
}

function wordsOf({ held, settled }: { held: number; settled: number }): { zh: string; en: string } {
  const state = held > 0 ? 'open' : settled > 0 ? 'charged' : 'free';
  switch (state) {
    case 'open':
      return settled === 0
        ? { zh: `已预扣 ${held} 配额，失败自动退还`, en: `${held} quota held; returned where it fails` }
        : { zh: `已扣除 ${settled} 配额，预扣 ${held} 配额`, en: `${settled} quota charged, ${held} held` };
    case 'charged':
      return { zh: `已扣除 ${settled} 配额`, en: `${settled} quota charged` };
    case 'free':
      return { zh: '未扣除配额', en: 'You were not charged' };
    default:
      return assertNever(state);
  }
}

function sum<T>(items: readonly T[], of: (item: T) => number): number {
  return items.reduce((total, item) => total + of(item), 0);
}
