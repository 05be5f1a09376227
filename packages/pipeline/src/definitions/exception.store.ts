import type { ExceptionKind } from '@yunshang/contracts';
import { fromJson, type Tx } from '@yunshang/db';

/** Approvals of a kind that were granted for a feature, the newest first. */
export async function findApprovedException(
  tx: Tx,
  of: { featureId: string; kind: ExceptionKind },
): Promise<{ id: string; payload: unknown }[]> {
  const rows = await tx
    .selectFrom('approvals')
    .select(['id', 'payload'])
    .where('subject_type', '=', 'feature')
    .where('subject_id', '=', of.featureId)
    .where('kind', '=', of.kind)
    .where('status', '=', 'approved')
    .orderBy('id', 'desc')
    .limit(20)
    .execute();
  return rows.map(({ id, payload }) => ({ id, payload: fromJson(payload) }));
}
