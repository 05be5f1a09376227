import type { Clock, Db } from '@yunshang/db';
import type { ListedObject, Storage } from '../storage/storage.ts';
import { listKnownKeys, listReadyBetween, listUnfinished } from './orphan.store.ts';

export type OrphanReport = {
  objects: number;
  rows: number;
  /** Nothing points at them, and they are too old to be in use. */
  objectsWithoutRow: { key: string; bytes: number; modifiedAt: Date }[];
  /** What they point at is not there. */
  rowsWithoutObject: { assetId: string; key: string }[];
  /** How many of the objects were deleted. */
  removed: number;
};

export type OrphanDeps = { db: Db; clock: Clock; storage: Storage };

/** Members' files; other folders are none of ours. */
const PREFIX = 'u/';
/** Work in progress leaves objects without a row for a while: what steps pass on, and what failed attempts made. */
const KEPT_MS = 7 * 86_400_000;
const TASK_OF_KEY = /^u\/[^/]+\/results\/([0-9A-HJKMNP-TV-Z]{26})\//;
const taskOf = (key: string): string => TASK_OF_KEY.exec(key)?.[1] ?? '';
/** Sorts behind every key. */
const END = 'v';

/** Compares bucket and rows in the order of their keys, a page at a time. `remove` deletes the objects nobody points at. */
export async function checkOrphans(deps: OrphanDeps, options: { remove: boolean }): Promise<OrphanReport> {
  const report: OrphanReport = { objects: 0, rows: 0, objectsWithoutRow: [], rowsWithoutObject: [], removed: 0 };
  let after = PREFIX;
  for (;;) {
    const page = await deps.storage.list(PREFIX, after);
    const upTo = page.next ?? END;
    const orphans = await findOrphans(deps, page.objects);
    report.objects += page.objects.length;
    report.objectsWithoutRow.push(...orphans);
    if (options.remove)
      for (const { key } of orphans) {
        await deps.storage.delete(key);
        report.removed += 1;
      }
    const stored = new Set(page.objects.map(({ key }) => key));
    const rows = await listReadyBetween(deps.db, after, upTo);
    report.rows += rows.length;
    report.rowsWithoutObject.push(...(await findHollow(deps, rows, stored)));
    if (page.next === undefined) return report;
    after = page.next;
  }
}

async function findOrphans({ db, clock }: OrphanDeps, objects: readonly ListedObject[]): Promise<ListedObject[]> {
  const limit = clock.now().getTime() - KEPT_MS;
  const old = objects.filter(({ modifiedAt }) => modifiedAt.getTime() < limit);
  const known = await listKnownKeys(
    db,
    old.map(({ key }) => key),
  );
  const strangers = old.filter(({ key }) => !known.has(key));
  const unfinished = await listUnfinished(db, [...new Set(strangers.map(({ key }) => taskOf(key)))], new Date(limit));
  return strangers.filter(({ key }) => !unfinished.has(taskOf(key)));
}

/** Looked for once more one by one: the page was read before the rows. */
async function findHollow(
  { storage }: OrphanDeps,
  rows: readonly { id: string; object_key: string; unlabelled_key: string | null }[],
  stored: ReadonlySet<string>,
): Promise<{ assetId: string; key: string }[]> {
  const hollow: { assetId: string; key: string }[] = [];
  for (const { id: assetId, object_key, unlabelled_key } of rows)
    for (const key of unlabelled_key === null ? [object_key] : [object_key, unlabelled_key])
      if (!stored.has(key) && (await storage.head(key)) === undefined) hollow.push({ assetId, key });
  return hollow;
}
