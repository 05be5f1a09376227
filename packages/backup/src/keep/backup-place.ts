import type { Readable } from 'node:stream';

/** Where backups are kept, by their names. */
export type BackupPlace = {
  list(): Promise<string[]>;
  /** Takes the finished file away from `path` and keeps it under the name. */
  take(name: string, path: string): Promise<void>;
  /** Keeps a small text beside it. */
  write(name: string, text: string): Promise<void>;
  /** The bytes as they come; fails when there is none of that name. */
  read(name: string): Readable;
  remove(name: string): Promise<void>;
};
