import type { Db } from '@yunshang/db';

/** Providers that are paid from an account of ours whose balance they tell, switched off ones too. */
export async function listAccountRefs(db: Db): Promise<string[]> {
  const rows = await db
    .selectFrom('provider_endpoints')
    .select('provider_ref')
    .where('kind', '=', 'runninghub')
    .orderBy('provider_ref')
    .execute();
  return rows.map((row) => row.provider_ref);
}
