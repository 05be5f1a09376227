import type { CleanPicture, CutOut, FinishedPicture, Transform, Transformed } from './engine-types.ts';
import { asBuffer } from './job.ts';
import { createWorkerPool } from './worker-pool.ts';

/** Every method throws `ImageRefused` for bytes it will not open, `ImageEngineFailed` when the thread died or ran late. */
export type ImageEngine = {
  /** A transparent PNG of the garment, at most 2048 pixels on the long edge. */
  cutOut(bytes: Uint8Array): Promise<CutOut>;
  /** Cut out, white ground, bounded exposure, sharpening. */
  clean(bytes: Uint8Array): Promise<CleanPicture>;
  /** White ground, bounded exposure and sharpening for a cut-out made elsewhere. */
  finishOnWhite(cutOutPng: Uint8Array): Promise<FinishedPicture>;
  /** Resizes and re-encodes; metadata is dropped and EXIF rotation applied. */
  transform(bytes: Uint8Array, t: Transform): Promise<Transformed>;
  /** Ends the threads; jobs under way are rejected. */
  close(): Promise<void>;
};

const DEFAULT_THREADS = 1;
const DEFAULT_TIMEOUT_MS = 60_000;

/** Starts no thread until the first job. A job that exceeds `timeoutMs` in a thread ends that thread. */
export function createImageEngine(options: { threads?: number; timeoutMs?: number } = {}): ImageEngine {
  const pool = createWorkerPool({
    workerUrl: workerUrl(),
    threads: options.threads ?? DEFAULT_THREADS,
    timeoutMs: options.timeoutMs ?? DEFAULT_TIMEOUT_MS,
  });
  return {
    async cutOut(bytes) {
      const cut = await pool.run('cutOut', { bytes });
      return { ...cut, png: asBuffer(cut.png) };
    },
    async clean(bytes) {
      const picture = await pool.run('clean', { bytes });
      return picture.verdict === 'reject' ? picture : { ...picture, jpeg: asBuffer(picture.jpeg) };
    },
    async finishOnWhite(bytes) {
      const picture = await pool.run('finishOnWhite', { bytes });
      return { ...picture, jpeg: asBuffer(picture.jpeg) };
    },
    async transform(bytes, transform) {
      const made = await pool.run('transform', { bytes, transform });
      return { ...made, bytes: asBuffer(made.bytes) };
    },
    close: () => pool.close(),
  };
}

/** The worker lies beside this file, with the same extension: `.ts` when run from source, `.js` when built. */
function workerUrl(): URL {
  const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
  return new URL(`./engine-worker.${extension}`, import.meta.url);
}
