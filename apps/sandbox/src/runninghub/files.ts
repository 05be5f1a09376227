import { createHash } from 'node:crypto';
import { hubError } from './codes.ts';

const MAX_BYTES = 30 * 1024 * 1024;
const EXTENSION = /\.([a-z0-9]{1,5})$/i;

export type HubFile = { fileName: string; bytes: Buffer };

/** What accounts uploaded; each sees only its own. */
export type HubFiles = {
  /** Refuses an empty file (808) and one above 30 MB (809). */
  put(account: string, name: string, bytes: Buffer): HubFile;
  find(account: string, fileName: string): HubFile | undefined;
  reset(): void;
};

export function createHubFiles(): HubFiles {
  const files = new Map<string, HubFile>();
  return {
    put(account, name, bytes) {
      if (bytes.length === 0) throw hubError('808');
      if (bytes.length > MAX_BYTES) throw hubError('809');
      const extension = EXTENSION.exec(name)?.[1]?.toLowerCase() ?? 'bin';
      const fileName = `api/${createHash('sha256').update(bytes).digest('hex')}.${extension}`;
      const file = { fileName, bytes };
      files.set(`${account} ${fileName}`, file);
      return file;
    },
    find: (account, fileName) => files.get(`${account} ${fileName}`),
    reset: () => files.clear(),
  };
}
