import { AppError, type Task } from '@yunshang/contracts';
import { type Db, fromJson } from '@yunshang/db';
import { z } from 'zod';
import type { AdmissionScope, Handled } from './admission.ts';
import { createdTaskView } from './created-task.ts';

const inputSchema = z.record(z.string(), z.json());

/** What was first asked for under this key. */
export async function findHandledRequest(
  db: Db,
  asked: { userId: string; scope: AdmissionScope; idempotencyKey: string },
): Promise<Handled | undefined> {
  const row = await db
    .selectFrom('idempotency_keys')
    .select(['request_hash', 'resource_id'])
    .where('user_id', '=', asked.userId)
    .where('scope', '=', asked.scope)
    .where('idem_key', '=', asked.idempotencyKey)
    .executeTakeFirst();
  return row === undefined ? undefined : { requestHash: row.request_hash, resourceId: row.resource_id };
}

/** The task as it was answered when it was created, whatever became of it since. */
export async function findCreatedTask(db: Db, taskId: string): Promise<Task> {
  const row = await db
    .selectFrom('tasks')
    .select(['id', 'feature_id', 'quota_cost', 'input', 'created_at'])
    .where('id', '=', taskId)
    .executeTakeFirst();
  if (row === undefined) throw new AppError('TASK_NOT_FOUND');
  return createdTaskView({
    id: row.id,
    featureId: row.feature_id,
    quotaCost: row.quota_cost,
    input: inputSchema.parse(fromJson(row.input)),
    createdAt: row.created_at,
  });
}
