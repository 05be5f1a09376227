import { createHash } from 'node:crypto';

export type StoredObject = {
  key: string;
  body: Buffer;
  /** Quoted, as the header carries it. */
  etag: string;
  lastModified: Date;
  /** Content-Type, Cache-Control and the like, and x-cos-meta-*; lower-case names. */
  headers: Record<string, string>;
};

type NewObject = { key: string; body: Buffer; headers: Record<string, string>; etag?: string };

export type ObjectStore = {
  /** The etag is the body's quoted MD5 unless one is given. */
  put(object: NewObject): StoredObject;
  find(key: string): StoredObject | undefined;
  /** Deleting what is not there is no error. */
  remove(key: string): void;
  /** In the order of the keys' UTF-8 bytes. */
  list(prefix: string): StoredObject[];
  reset(): void;
};

/** Objects of the one bucket, in memory. */
export function createObjectStore(now: () => Date): ObjectStore {
  const objects = new Map<string, StoredObject>();
  return {
    put({ key, body, headers, etag = etagOf(body) }) {
      const stored = { key, body, headers, etag, lastModified: now() };
      objects.set(key, stored);
      return stored;
    },
    find: (key) => objects.get(key),
    remove: (key) => void objects.delete(key),
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
