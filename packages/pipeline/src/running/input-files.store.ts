import type { FormSchema } from '@yunshang/contracts';
import type { Db } from '@yunshang/db';
import { inputAssetIds } from '../forms/check-assets.ts';
import type { FormInput } from '@yunshang/forms';
import type { FileRef } from '../providers/provider.ts';

/** The task's answers with files in place of asset ids; undefined when one of them is no longer there. */
export async function loadInputFiles(
  db: Db,
  userId: string,
  asked: { form: FormSchema; input: FormInput },
): Promise<Record<string, unknown> | undefined> {
  const ids = inputAssetIds(asked.form, asked.input);
  const files = ids.length === 0 ? new Map<string, FileRef>() : await loadFiles(db, userId, ids);
  if (files.size < ids.length) return undefined;
  const replace = (value: unknown): unknown =>
    typeof value === 'string' ? (files.get(value) ?? value) : Array.isArray(value) ? value.map(replace) : value;
  const named = new Set(
    asked.form.fields.filter((f) => ['image', 'images', 'video'].includes(f.type)).map((f) => f.key),
  );
  return Object.fromEntries(
    Object.entries(asked.input).map(([key, value]) => [key, named.has(key) ? replace(value) : value]),
  );
}

async function loadFiles(db: Db, userId: string, ids: readonly string[]): Promise<Map<string, FileRef>> {
  const rows = await db
    .selectFrom('assets')
    .select(['id', 'object_key', 'content_type', 'bytes', 'width', 'height', 'duration_ms'])
    .where('id', 'in', ids)
    .where('user_id', '=', userId)
    .where('status', '=', 'ready')
    .execute();
  return new Map(
    rows.map((row) => [
      row.id,
      {
        file: row.object_key,
        contentType: row.content_type,
        bytes: row.bytes,
        width: row.width,
        height: row.height,
        ...(row.duration_ms === null ? {} : { durationMs: row.duration_ms }),
      },
    ]),
  );
}
