import { createHash, randomUUID } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseCallbackBody } from '@yunshang/callback';
import type { CallbackBody } from '@yunshang/callback';

/** What this instance already answered: a repeated invocation is answered again without doing the work again. */
export interface FinishedJobs {
  find(jobId: string): Promise<CallbackBody | undefined>;
  keep(body: CallbackBody): Promise<void>;
}

const keptMost = 500;

/**
 * Files of about 1 KB below `stateDirectory`, shared by the processes of one instance. Another instance knows nothing of them
 * and works again: the same input gives the same bytes under the same key, so the answer is the same.
 */
export function finishedJobs(stateDirectory: string, functionName: string): FinishedJobs {
  const folder = join(stateDirectory, `ys-finished-${functionName}`);
  const fileOf = (jobId: string) => join(folder, `${createHash('sha256').update(jobId).digest('hex')}.json`);
  return {
    async find(jobId) {
      try {
        const body = parseCallbackBody(await readFile(fileOf(jobId)));
        return body.jobId === jobId ? body : undefined;
      } catch {
        return undefined;
      }
    },
    async keep(body) {
      await mkdir(folder, { recursive: true, mode: 0o700 });
      const draft = join(folder, `${randomUUID()}.draft`);
      await writeFile(draft, JSON.stringify(body), { mode: 0o600 });
      await rename(draft, fileOf(body.jobId));
      await forgetOldest(folder);
    },
  };
}

async function forgetOldest(folder: string): Promise<void> {
  const names = await readdir(folder);
  if (names.length <= keptMost) return;
  const aged = await Promise.all(
    names.map(async (name) => ({ name, at: (await stat(join(folder, name)).catch(() => undefined))?.mtimeMs ?? 0 })),
  );
  const oldest = aged.sort((a, b) => a.at - b.at).slice(0, keptMost / 2);
  await Promise.all(oldest.map(({ name }) => rm(join(folder, name), { force: true })));
}
