import type { Db } from '@yunshang/db';

const PAGE = 500;

/**
 * How much the files weigh that members can download, added up a page at a time. The version without a label counts as much as the one
 * with it: of the two only that one's size is written down.
 */
export async function sumKeptBytes(db: Db): Promise<number> {
  let sum = 0;
  let after = '';
  for (;;) {
    const page = await listPage(db, after);
    for (const { status, bytes, unlabelled_key } of page)
      if (status === 'ready') sum += unlabelled_key === null ? bytes : 2 * bytes;
    if (page.length < PAGE) return sum;
    after = page.at(-1)?.id ?? after;
  }
}

function listPage(
  db: Db,
  after: string,
): Promise<{ id: string; status: string; bytes: number; unlabelled_key: string | null }[]> {
  return db
    .selectFrom('assets')
    .select(['id', 'status', 'bytes', 'unlabelled_key'])
    .where('id', '>', after)
    .orderBy('id')
    .limit(PAGE)
    .execute();
}
