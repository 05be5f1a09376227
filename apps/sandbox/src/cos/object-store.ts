import { createHash } from 'node:crypto';
import { assertReplaceable } from './object-lock.ts';

export type StoredObject = {
  key: string;
  body: Buffer;
  /** Quoted, as the header carries it. */
  etag: string;
  lastModified: Date;
  /** Content-Type, Cache-Control and the like, and x-cos-meta-*; lower-case names. */
  headers: Record<string, string>;
  /** Until then it can be neither replaced nor deleted. */
  lockedUntil?: Date | undefined;
};

type NewObject = {
  key: string;
  body: Buffer;
  headers: Record<string, string>;
  etag?: string;
  lockedUntil?: Date | undefined;
  forbidsOverwrite?: boolean;
};

export type ObjectStore = {
  now(): Date;
  /** The etag is the body's quoted MD5 unless one is given. Throws when the key holds a locked object. */
  put(object: NewObject): StoredObject;
  find(key: string): StoredObject | undefined;
  /** Deleting what is not there is no error, what is locked is. */
  remove(key: string): void;
  /** In the order of the keys' UTF-8 bytes. */
  list(prefix: string): StoredObject[];
  reset(): void;
};

/** Objects of the one bucket, in memory. */
export function createObjectStore(now: () => Date): ObjectStore {
  const objects = new Map<string, StoredObject>();
  return {
    now,
    put({ key, body, headers, etag = etagOf(body), lockedUntil, forbidsOverwrite = false }) {
      assertReplaceable(objects.get(key), { now: now(), forbidsOverwrite });
      const stored = { key, body, headers, etag, lastModified: now(), lockedUntil };
      objects.set(key, stored);
      return stored;
    },
    find: (key) => objects.get(key),
    remove: (key) => {
      assertReplaceable(objects.get(key), { now: now() });
      objects.delete(key);
    },
    list: (prefix) =>
      [...objects.values()]
        .filter((object) => object.key.startsWith(prefix))
        .sort((a, b) => Buffer.compare(Buffer.from(a.key), Buffer.from(b.key))),
    reset: () => objects.clear(),
  };
}

function etagOf(body: Buffer): string {
  return `"${createHash('md5').update(body).digest('hex')}"`;
}
