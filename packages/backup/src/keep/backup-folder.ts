import { constants, createReadStream } from 'node:fs';
import { mkdir, open, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { BackupPlace } from './backup-place.ts';

/** A folder. The path that `take` is given must be on the same file system. */
export function backupFolder(folder: string): BackupPlace {
  return {
    list: () => readdir(folder),
    take: async (name, path) => {
      await mkdir(folder, { recursive: true, mode: 0o700 });
      await rename(path, join(folder, name));
      const names = await open(folder, constants.O_RDONLY);
      try {
        await names.sync();
      } finally {
        await names.close();
      }
    },
    write: (name, text) => writeFile(join(folder, name), text, { mode: 0o600 }),
    read: (name) => createReadStream(join(folder, name)),
    remove: (name) => rm(join(folder, name), { force: true }),
  };
}
