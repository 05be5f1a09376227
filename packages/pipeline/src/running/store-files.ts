import { createHash } from 'node:crypto';
import type { FileRef, ProducedFile, ProducedFiles } from '../providers/provider.ts';
import type { Storage } from '../storage/storage.ts';

const EXTENSIONS: Readonly<Record<string, string>> = {
  'image/jpeg': 'jpg',
  'image/png': 'png',
  'image/webp': 'webp',
  'video/mp4': 'mp4',
  'text/plain': 'txt',
  'application/json': 'json',
  'application/zip': 'zip',
};

type Attempt = { userId: string; taskId: string; stepIndex: number; attemptNo: number };

/** Stores what one attempt made under keys of its own: two attempts never write the same object. */
export async function storeFiles(
  storage: Storage,
  of: Attempt,
  files: ProducedFiles,
): Promise<Record<string, FileRef | FileRef[]>> {
  const stored: Record<string, FileRef | FileRef[]> = {};
  for (const [name, made] of Object.entries(files))
    stored[name] = isList(made)
      ? await Promise.all(made.map((file, i) => storeOne(storage, keyOf(of, `${name}-${i + 1}`), file)))
      : await storeOne(storage, keyOf(of, name), made);
  return stored;
}

function isList(made: ProducedFile | readonly ProducedFile[]): made is readonly ProducedFile[] {
  return Array.isArray(made);
}

function keyOf(of: Attempt, name: string): string {
  return `u/${of.userId}/results/${of.taskId}/${of.stepIndex}-${of.attemptNo}-${name}`;
}

async function storeOne(storage: Storage, key: string, made: ProducedFile): Promise<FileRef> {
  const { contentType, width, height, durationMs, bytes, unlabelled, label } = made;
  const extension = EXTENSIONS[contentType.split(';', 1)[0] ?? ''] ?? 'bin';
  const file = `${key}.${extension}`;
  const unlabelledFile = `${key}-unlabelled.${extension}`;
  await storage.put(file, bytes, contentType);
  if (unlabelled !== undefined) await storage.put(unlabelledFile, unlabelled, contentType);
  return {
    file,
    contentType,
    bytes: bytes.length,
    width,
    height,
    sha256: createHash('sha256').update(bytes).digest('hex'),
    ...(durationMs === undefined ? {} : { durationMs }),
    ...(label === undefined ? {} : { label }),
    ...(unlabelled === undefined ? {} : { unlabelledFile }),
  };
}
