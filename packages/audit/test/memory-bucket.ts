import { anchorBucket, type AnchorPlace } from '../src/index.ts';

export type MemoryBucket = { place: AnchorPlace; isAway: boolean; steal(n: number): void; copy(): MemoryBucket };

/** A bucket that can be away and be stolen from, for what the rules do then; the vendor's protocol is tried in the worker. */
export function memoryBucket(begin: ReadonlyMap<string, Buffer> = new Map()): MemoryBucket {
  const objects = new Map(begin);
  const bucket: MemoryBucket = {
    isAway: false,
    place: anchorBucket(
      {
        putLocked: async (key, bytes) => {
          if (bucket.isAway) throw new Error('the bucket is away');
          if (!objects.has(key)) objects.set(key, bytes);
        },
        get: async (key) => objects.get(key),
        list: async (prefix, after = '') => {
          if (bucket.isAway) throw new Error('the bucket is away');
          const keys = [...objects.keys()].filter((key) => key.startsWith(prefix) && key > after).toSorted();
          const page = keys.slice(0, 2);
          return { objects: page.map((key) => ({ key })), next: keys.length > page.length ? page.at(-1) : undefined };
        },
      },
      { prefix: 'audit/anchors/', retentionDays: 30 },
    ),
    copy: () => memoryBucket(objects),
    steal: (n) => {
      for (const key of objects.keys()) if (Number(key.split('/').at(-1)?.slice(0, 12)) === n) objects.delete(key);
    },
  };
  return bucket;
}
