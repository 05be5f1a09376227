import { sql } from 'kysely';
import type { Rule } from '../rule.ts';

/** I13: a key makes one thing, which is there and its owner's. */
export const idempotencyRules = [
  {
    name: 'key_has_its_task',
    invariant: 'I13',
    severity: 'error',
    table: 'idempotency_keys',
    explanation: {
      zh: '幂等键指向的任务不存在，或属于他人',
      en: 'A key points to a task that is not there, or is another member’s',
    },
    mend: {
      zh: '键与任务必须在同一事务内写入；查明是哪一次写入绕过了它。',
      en: 'The key is written in the transaction of the task; find the write that went round it.',
    },
    find: () => sql`
      SELECT CONCAT(k.user_id, ' ', k.idem_key) AS id, CONCAT('task ', k.resource_id, ' of ', COALESCE(t.user_id, 'nobody')) AS detail
      FROM idempotency_keys k LEFT JOIN tasks t ON t.id = k.resource_id
      WHERE k.scope = 'tasks.create' AND (t.id IS NULL OR t.user_id <> k.user_id)`,
  },
  {
    name: 'thing_has_one_key',
    invariant: 'I13',
    severity: 'error',
    table: 'idempotency_keys',
    explanation: {
      zh: '两个幂等键声称创建了同一个对象',
      en: 'Two keys say that they made the same thing',
    },
    mend: {
      zh: '每次请求只用自己的键；查明写入第二个键的代码。',
      en: 'A request writes its own key only; find what wrote the second.',
    },
    find: () => sql`
      SELECT resource_id AS id, CONCAT(scope, ', ', COUNT(*), ' keys') AS detail FROM idempotency_keys
      WHERE scope = 'tasks.create' GROUP BY scope, resource_id HAVING COUNT(*) > 1`,
  },
] as const satisfies readonly Rule[];
