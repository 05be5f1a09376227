import type { Tx } from '@yunshang/db';
import { sql } from 'kysely';

/** Units that a person, whose row is locked, has put out by themselves since then: the most they can become. */
export async function sumAlone(tx: Tx, personId: string, since: Date): Promise<number> {
  const batches = await tx
    .selectFrom('code_batches')
    .select(sql<string>`COALESCE(SUM(quota * code_count * uses_per_code), 0)`.as('worth'))
    .where('created_by', '=', personId)
    .where('created_at', '>', since)
    .where('approval_id', 'is', null)
    .executeTakeFirstOrThrow();
  const campaigns = await tx
    .selectFrom('campaigns')
    .select(sql<string>`COALESCE(SUM(quota * total_cap), 0)`.as('worth'))
    .where('created_by', '=', personId)
    .where('created_at', '>', since)
    .where('approval_id', 'is', null)
    .executeTakeFirstOrThrow();
  return safeSum(batches.worth) + safeSum(campaigns.worth);
}

/** A SUM comes as text. */
function safeSum(text: string): number {
  const sum = Number(text);
  if (!Number.isSafeInteger(sum)) throw new RangeError('a sum is no safe integer');
  return sum;
}
