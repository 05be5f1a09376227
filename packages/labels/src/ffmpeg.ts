import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { LabelFailed } from './label-failed.ts';

export type VideoTool = {
  /** The ffmpeg program: with libx264, overlay and png. */
  ffmpegPath: string;
  /** One call is killed after this. */
  timeoutMs: number;
};

const LOG_BYTES = 1 << 16;
/** It reads files from outside: our own environment, with its keys, is none of its business. */
const BARE = { PATH: '/usr/local/bin:/usr/bin:/bin' };
/** The video of others: MP4, and of the decoders only those that our vendors need. */
export const FOREIGN_VIDEO = ['-codec_whitelist', 'h264,hevc,mpeg4,aac,mp3', '-f', 'mov', '-i', 'in.mp4'] as const;

/** The program that comes with the package of this machine, or else the one on the PATH. */
export function findFfmpeg(): string {
  try {
    const manifest = createRequire(import.meta.url).resolve(
      `@ffmpeg-installer/${process.platform}-${process.arch}/package.json`,
    );
    return join(dirname(manifest), 'ffmpeg');
  } catch {
    return 'ffmpeg';
  }
}

/** Runs in a folder of its own, which is gone afterwards. `files` are put there before; nothing else can be read. */
export async function inFolder<T>(files: Record<string, Uint8Array>, work: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'ys-label-'));
  try {
    await Promise.all(Object.entries(files).map(([name, bytes]) => writeFile(join(folder, name), bytes)));
    return await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** `-protocol_whitelist file`: a video that names addresses is not followed out of the machine. */
export function runFfmpeg(tool: VideoTool, folder: string, args: readonly string[]): Promise<void> {
  const all = ['-hide_banner', '-loglevel', 'error', '-nostdin', '-y', '-protocol_whitelist', 'file', ...args];
  return new Promise((resolve, reject) => {
    const options = {
      cwd: folder,
      env: BARE,
      timeout: tool.timeoutMs,
      killSignal: 'SIGKILL',
      maxBuffer: LOG_BYTES,
    } as const;
    execFile(tool.ffmpegPath, all, options, (error) => {
      // Its log names files and texts of the video; only that it failed is told.
      if (error === null) resolve();
      else if (typeof error.code === 'string') reject(new Error(`${tool.ffmpegPath} can not be run: ${error.code}`));
      else reject(new LabelFailed('video_tool', error.killed === true ? 'time is up' : `exit ${String(error.code)}`));
    });
  });
}
