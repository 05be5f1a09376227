import type { Role } from '@yunshang/contracts';
import type { Tx } from './database.ts';
import { toJson } from './json.ts';

/** Who acts: a signed-in person, or the system itself (a job, a vendor's notification). */
export type Actor = { id: string | null; role: Role | 'system'; requestId: string };

/** Appends to the audit log in the transaction of the action. `details` never holds phones, codes, tokens or keys. */
export async function recordAudit(
  tx: Tx,
  actor: Actor,
  entry: { action: string; subjectType: string; subjectId: string; details: Record<string, unknown>; now: Date },
): Promise<void> {
  await tx
    .insertInto('audit_logs')
    .values({
      actor_id: actor.id,
      actor_role: actor.role,
      action: entry.action,
      subject_type: entry.subjectType,
      subject_id: entry.subjectId,
      details: toJson(entry.details),
      request_id: actor.requestId,
      created_at: entry.now,
    })
    .execute();
}
