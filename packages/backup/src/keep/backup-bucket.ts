import { createReadStream } from 'node:fs';
import { rm, stat } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import type { BackupPlace } from './backup-place.ts';

/** What is asked of a bucket; the app brings it. */
export type StoredFiles = {
  list(prefix: string, after?: string): Promise<{ objects: { key: string }[]; next: string | undefined }>;
  write(key: string, object: { body: Readable; bytes: number; contentType: string }): Promise<void>;
  put(key: string, bytes: Buffer, contentType: string): Promise<void>;
  read(key: string): Readable;
  delete(key: string): Promise<void>;
};

/** A bucket's keys under one prefix. */
export function backupBucket(files: StoredFiles, prefix: string): BackupPlace {
  return {
    list: async () => {
      const names: string[] = [];
      for (let after: string | undefined = ''; after !== undefined;) {
        const page = await files.list(prefix, after === '' ? undefined : after);
        names.push(...page.objects.map(({ key }) => key.slice(prefix.length)));
        after = page.next;
      }
      return names;
    },
    take: async (name, path) => {
      const { size } = await stat(path);
      const body = createReadStream(path);
      await files.write(`${prefix}${name}`, { body, bytes: size, contentType: 'application/octet-stream' });
      await rm(path);
    },
    write: (name, text) => files.put(`${prefix}${name}`, Buffer.from(text), 'application/json'),
    read: (name) => files.read(`${prefix}${name}`),
    remove: (name) => files.delete(`${prefix}${name}`),
  };
}
