import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findFfmpeg } from '@yunshang/labels';

/** A film of test pictures, 240 × 320; `args` are ffmpeg's, before the file. */
export function film(seconds = 1, ...args: string[]): Buffer {
  const folder = mkdtempSync(join(tmpdir(), 'ys-film-'));
  try {
    const input = ['-f', 'lavfi', '-i', 'testsrc=size=240x320:rate=10', '-t', String(seconds), '-pix_fmt', 'yuv420p'];
    execFileSync(findFfmpeg(), ['-loglevel', 'error', ...input, ...args, join(folder, 'film.mp4')]);
    return readFileSync(join(folder, 'film.mp4'));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
