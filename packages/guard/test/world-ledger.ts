import type { Tx } from '@yunshang/db';
import { at, NOW, type TaskIds, type World } from './world.ts';

const charge = (ids: TaskIds, amount: number) =>
  ({ kind: 'charge', amount, charge_id: ids.charge, task_id: ids.task, effect_key: `charge:${ids.charge}` }) as const;
const refund = (ids: TaskIds, amount: number) =>
  ({ kind: 'refund', amount, charge_id: ids.charge, task_id: ids.task, effect_key: `refund:${ids.charge}` }) as const;

/** What the movements of buildWorld come to, in the order they happened. */
export async function insertLedger(tx: Tx, world: World): Promise<void> {
  const { purchase, promotion } = world;
  const movements = [
    {
      kind: 'grant',
      amount: 100,
      grant_id: purchase,
      order_id: world.paidOrder,
      effect_key: `grant:${purchase}`,
    } as const,
    { kind: 'grant', amount: 5, grant_id: promotion, effect_key: `grant:${promotion}` } as const,
    charge(world.succeeded, -1),
    charge(world.failed, -4),
    charge(world.lateFailed, -3),
    charge(world.open, -2),
    refund(world.failed, 4),
    { kind: 'expire', amount: -2, grant_id: promotion, effect_key: `expire:${promotion}` } as const,
    refund(world.lateFailed, 3),
  ];
  let balance = 0;
  const rows = movements.map((movement, index) => {
    const before = balance;
    balance += movement.amount;
    const place = { user_id: world.userId, seq: index + 1, balance_before: before, balance_after: balance };
    // What the purchase paid came after the promotion, which ends sooner, had ended.
    const isLater = movement.kind === 'charge' && movement.charge_id !== world.lateFailed.charge;
    return { ...place, ...movement, cause: 'because', created_at: isLater ? at(11) : NOW };
  });
  for (const row of rows) await tx.insertInto('quota_logs').values(row).execute();
}
