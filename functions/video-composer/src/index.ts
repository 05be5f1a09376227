import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openPicture, readPalette } from '@yunshang/function-pictures';
import { createHandler, optionalNumber, optionalText } from '@yunshang/function-runtime';
import type { Job } from '@yunshang/function-runtime';
import { drawFrame, frameHeight, frameWidth } from './draw-frame.ts';
import { runFfmpeg } from './ffmpeg.ts';
import { durationMs, framesOf, slideshowArguments } from './slideshow.ts';

/** The list `images` becomes `video`, a vertical MP4. */
export const main_handler = createHandler({
  name: 'video-composer',
  timeLimitMs: 240_000,
  async work(job) {
    job.wantedType('video', ['video/mp4']);
    const folder = await mkdtemp(join(tmpdir(), 'ys-video-'));
    try {
      return { video: await composeVideo(job, folder) };
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  },
});

async function composeVideo(job: Job, folder: string) {
  const title = optionalText(job.input, 'title', 20);
  const palette = readPalette(job.input);
  const framesPerImage = framesOf(optionalNumber(job.input, 'secondsPerImage', { min: 1, max: 5 }) ?? 2);
  const images = await job.images('images', { min: 2, max: 12 });
  const files: string[] = [];
  for (const [index, image] of images.entries()) {
    job.signal.throwIfAborted();
    const frame = await drawFrame({ picture: await openPicture(image), title, index, count: images.length, palette });
    const file = join(folder, `${index}.png`);
    await writeFile(file, frame);
    files.push(file);
  }
  const output = join(folder, 'video.mp4');
  await runFfmpeg(slideshowArguments({ files, framesPerImage, output }), job.signal);
  const length = durationMs({ files, framesPerImage });
  return { bytes: await readFile(output), width: frameWidth, height: frameHeight, durationMs: length };
}
