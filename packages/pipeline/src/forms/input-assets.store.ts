import type { FormSchema } from '@yunshang/contracts';
import type { Db } from '@yunshang/db';
import type { FormInput } from '@yunshang/forms';
import { inputAssetIds, type InputAsset, type InputAssets } from './check-assets.ts';

/** The caller's own files that the answers name; one query, none when they name none. */
export async function loadInputAssets(
  db: Db,
  userId: string,
  named: { form: FormSchema; input: FormInput },
): Promise<InputAssets> {
  const ids = inputAssetIds(named.form, named.input);
  if (ids.length === 0) return { userId, assets: new Map() };
  const rows = await db
    .selectFrom('assets')
    .select(['id', 'user_id as userId', 'kind', 'status', 'content_type as contentType', 'bytes', 'width', 'height'])
    .where('id', 'in', ids)
    .where('user_id', '=', userId)
    .execute();
  return { userId, assets: new Map(rows.map((row): [string, InputAsset] => [row.id, row])) };
}
