import type { Readable } from 'node:stream';

export type StoredObject = { bytes: number; contentType: string };

export type ListedObject = { key: string; bytes: number; modifiedAt: Date };

/** Temporary keys that can PUT one object of exactly this size and type, and the address to PUT it to. */
export type UploadGrant = {
  url: string;
  signedPath: string;
  credentials: { secretId: string; secretKey: string; sessionToken: string; startTime: number; expiredTime: number };
};

/** Where pictures live. Every method throws STORAGE_UNAVAILABLE when the vendor does not answer or refuses us. */
export type Storage = {
  uploadGrant(object: { key: string; contentType: string; bytes: number; now: Date }): Promise<UploadGrant>;
  /** Undefined when nothing is stored under the key. */
  head(key: string): Promise<StoredObject | undefined>;
  get(key: string): Promise<Buffer | undefined>;
  put(key: string, bytes: Buffer, contentType: string): Promise<void>;
  /**
   * Stores an object that nobody, we neither, can replace or delete before `retainUntil`: the bucket must have object lock. One
   * that is there already stays.
   */
  putLocked(key: string, bytes: Buffer, object: { contentType: string; retainUntil: Date }): Promise<void>;
  /** The object's bytes as they come; the stream fails where there is none. For what is too large to be held. */
  read(key: string): Readable;
  /** Stores `bytes` bytes as they come out of `body`, of any size; there is nothing under the key before all of them are. */
  write(key: string, object: { body: Readable; bytes: number; contentType: string }): Promise<void>;
  /** Deleting what is not there is no error. */
  delete(key: string): Promise<void>;
  /** Keys that begin with `prefix`, in order, behind `after`; at most 1000. `next` is the `after` of the page behind. */
  list(prefix: string, after?: string): Promise<{ objects: ListedObject[]; next: string | undefined }>;
  /** An address to PUT one object of this type to; the type must be sent as it stands. */
  signedPutUrl(
    key: string,
    grant: { contentType: string; ttlSeconds: number; now: Date },
  ): Promise<{ url: string; expiresAt: Date }>;
  signedUrl(key: string, lifetime: { ttlSeconds: number; now: Date }): Promise<{ url: string; expiresAt: Date }>;
};
