import type { Db } from '@yunshang/db';
import type { PlantedCase } from './planted.ts';
import { NOW, type World } from './world.ts';

const GHOST = '01GH0ST0000000000000000000';

const partOf = (charge: () => string, direction: 'spend' | 'return') => ({
  id: async (db: Db): Promise<string> => {
    const parts = db.selectFrom('quota_allocations').select('id').where('charge_id', '=', charge());
    return String((await parts.where('direction', '=', direction).executeTakeFirstOrThrow()).id);
  },
  change: (db: Db, values: { grant_id?: string; amount?: number }) =>
    db
      .updateTable('quota_allocations')
      .set(values)
      .where('charge_id', '=', charge())
      .where('direction', '=', direction)
      .execute(),
});

/** Keys that made nothing or the same twice, and quota that was spent or given back in another order. */
export function spendCases(world: () => World): PlantedCase[] {
  const addKeys = (db: Db, resourceId: string, keys: readonly string[]) =>
    db
      .insertInto('idempotency_keys')
      .values(
        keys.map((key) => ({
          user_id: world().userId,
          scope: 'tasks.create',
          idem_key: key,
          request_hash: Buffer.alloc(32),
          resource_id: resourceId,
          created_at: NOW,
        })),
      )
      .execute();
  const lateSpend = partOf(() => world().lateFailed.charge, 'spend');
  const failedReturn = partOf(() => world().failed.charge, 'return');
  return [
    {
      rule: 'key_has_its_task',
      by: 'a key of a task that is not there',
      plant: (db) => addKeys(db, GHOST, ['planted']),
      id: () => `${world().userId} planted`,
    },
    {
      rule: 'thing_has_one_key',
      by: 'two keys of one task',
      plant: (db) => addKeys(db, world().succeeded.task, ['one', 'two']),
      id: () => world().succeeded.task,
    },
    {
      rule: 'spends_what_ends_first',
      by: 'a charge on the purchase while the promotion, which ends sooner, was there',
      plant: (db) => lateSpend.change(db, { grant_id: world().purchase }),
      id: lateSpend.id,
    },
    {
      rule: 'refund_goes_where_it_came_from',
      by: 'a refund of less than was taken',
      plant: (db) => failedReturn.change(db, { amount: 3 }),
      id: failedReturn.id,
    },
    {
      rule: 'refund_goes_where_it_came_from',
      by: 'a refund to a grant that the charge did not touch',
      plant: (db) => failedReturn.change(db, { grant_id: world().compensation }),
      id: failedReturn.id,
    },
  ];
}
