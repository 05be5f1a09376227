import { spawn } from 'node:child_process';
import { constants } from 'node:fs';
import { access, chmod, copyFile, rename } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findAsset, FunctionFailure } from '@yunshang/function-runtime';

/** Runs ffmpeg to its end; killed when the signal fires. Only files that we drew ourselves are given to it. */
export async function runFfmpeg(args: readonly string[], signal: AbortSignal): Promise<void> {
  const child = spawn(await ffmpegPath(), ['-nostdin', '-hide_banner', '-loglevel', 'error', '-y', ...args], {
    stdio: ['ignore', 'ignore', 'pipe'],
    signal,
    killSignal: 'SIGKILL',
  });
  let complaint = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    complaint = (complaint + text).slice(-2000);
  });
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  if (code === 0) return;
  console.error(`ffmpeg ended with ${code}: ${complaint}`);
  throw new FunctionFailure('RENDER_FAILED', `ffmpeg ended with ${code}`);
}

/** Shipped with the function, or the one on the PATH. A zip made or unpacked without modes costs it the right to run. */
export async function ffmpegPath(): Promise<string> {
  const shipped = findAsset(import.meta.dirname, 'bin/ffmpeg', '@ffmpeg-installer/linux-x64/ffmpeg');
  if (shipped === undefined) return 'ffmpeg';
  if (await isExecutable(shipped)) return shipped;
  const copy = join(tmpdir(), 'ys-ffmpeg');
  if (!(await isExecutable(copy))) {
    const draft = `${copy}-${process.pid}`;
    await copyFile(shipped, draft);
    await chmod(draft, 0o700);
    await rename(draft, copy);
  }
  return copy;
}

async function isExecutable(file: string): Promise<boolean> {
  return access(file, constants.X_OK).then(
    () => true,
    () => false,
  );
}
