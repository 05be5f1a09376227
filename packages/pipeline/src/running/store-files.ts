import { createHash } from 'node:crypto';
import type { FileRef, ProducedFile } from '../providers/provider.ts';
import type { Storage } from '../storage/storage.ts';

const EXTENSIONS: Readonly<Record<string, string>> = {
  'image/jpeg': 'jpg',
  'image/png': 'png',
  'image/webp': 'webp',
  'video/mp4': 'mp4',
};

/** Stores what one attempt made under keys of its own: two attempts never write the same object. */
export async function storeFiles(
  storage: Storage,
  of: { userId: string; taskId: string; stepIndex: number; attemptNo: number },
  files: Readonly<Record<string, ProducedFile>>,
): Promise<Record<string, FileRef>> {
  const stored = await Promise.all(
    Object.entries(files).map(async ([name, made]): Promise<[string, FileRef]> => {
      const extension = EXTENSIONS[made.contentType] ?? 'bin';
      const file = `u/${of.userId}/results/${of.taskId}/${of.stepIndex}-${of.attemptNo}-${name}.${extension}`;
      await storage.put(file, made.bytes, made.contentType);
      const sha256 = createHash('sha256').update(made.bytes).digest('hex');
      const { contentType, width, height } = made;
      return [name, { file, contentType, bytes: made.bytes.length, width, height, sha256 }];
    }),
  );
  return Object.fromEntries(stored);
}
