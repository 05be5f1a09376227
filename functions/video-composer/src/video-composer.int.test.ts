import { execFile } from 'node:child_process';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { startPlatform } from '@yunshang/function-testing';
import type { JobToInvoke, Platform } from '@yunshang/function-testing';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { ffmpegPath } from './ffmpeg.ts';
import { main_handler } from './index.ts';

const run = promisify(execFile);
let platform: Platform;
let folder: string;
beforeAll(async () => {
  platform = await startPlatform();
  for (const [name, value] of Object.entries(platform.environment)) vi.stubEnv(name, value);
  folder = await mkdtemp(join(tmpdir(), 'ys-film-test-'));
  vi.stubEnv('TMPDIR', folder);
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await platform.stop();
  await rm(folder, { recursive: true });
});

async function photo(r: number, b: number) {
  const picture = sharp({ create: { width: 600, height: 800, channels: 3, background: { r, g: 0, b } } });
  return { bytes: await picture.jpeg().toBuffer(), contentType: 'image/jpeg' };
}

async function compose(job: Partial<JobToInvoke>, timeLimitMs?: number) {
  const event = platform.invocation({ function: 'video-composer', uploads: { video: 'video/mp4' }, ...job });
  await main_handler(event, timeLimitMs === undefined ? {} : { time_limit_in_ms: timeLimitMs });
  return { body: platform.callbacks.at(-1)?.body, video: platform.uploaded(`results/${event.jobId}/video`)?.bytes };
}

test('makes a film that plays from its first byte and fades from picture to picture', async () => {
  const images = [await photo(220, 0), await photo(0, 220)];
  const { body, video } = await compose({
    downloads: { images },
    input: { title: '秋季上新合辑', secondsPerImage: '1.5' },
  });
  if (video === undefined) throw new Error('no film was uploaded');
  expect(body).toMatchObject({
    status: 'succeeded',
    output: {
      video: { bytes: video.byteLength, contentType: 'video/mp4', width: 1080, height: 1920, durationMs: 3040 },
    },
  });
  expect(video.indexOf('moov')).toBeLessThan(video.indexOf('mdat'));

  const file = join(folder, 'film.mp4');
  await writeFile(file, video);
  const frames = join(folder, 'frame-%02d.png');
  const { stderr } = await run(await ffmpegPath(), ['-hide_banner', '-i', file, '-vf', 'scale=108:-1', frames]);
  expect(stderr).toMatch(/Duration: 00:00:03\.04/);
  expect(stderr).toMatch(/h264 \(Main\).*yuv420p\(tv, bt709\).*1080x1920.*25 fps/);
  expect((await readdir(folder)).filter((name) => name.startsWith('frame'))).toHaveLength(76);

  const [early, middle, late] = await Promise.all([5, 43, 60].map(colourOfFrame));
  expect(early).toEqual({ red: 'much', blue: 'none' });
  expect(middle).toEqual({ red: 'some', blue: 'some' });
  expect(late).toEqual({ red: 'none', blue: 'much' });
});

function amount(value: number) {
  if (value < 25) return 'none';
  return value > 190 ? 'much' : 'some';
}

/** Of the middle of the picture. */
async function colourOfFrame(number: number) {
  const file = join(folder, `frame-${String(number).padStart(2, '0')}.png`);
  const [red = 0, , blue = 0] = await sharp(file)
    .extract({ left: 50, top: 80, width: 1, height: 1 })
    .removeAlpha()
    .raw()
    .toBuffer();
  return { red: amount(red), blue: amount(blue) };
}

test('ends ffmpeg when the time is up and leaves nothing behind', async () => {
  const images = [await photo(220, 0), await photo(0, 220), await photo(220, 220), await photo(9, 9)];
  const { body, video } = await compose({ downloads: { images }, input: { secondsPerImage: 5 } }, 1_500);
  expect(body).toMatchObject({ status: 'failed', error: { code: 'TIMED_OUT' } });
  expect(video).toBeUndefined();
  await vi.waitUntil(async () => (await readdir(folder)).every((name) => !name.startsWith('ys-video-')), {
    timeout: 5_000,
  });
});

describe('refuses', () => {
  test.each([
    ['one picture', 1, {}],
    ['thirteen pictures', 13, {}],
    ['six seconds for each', 2, { secondsPerImage: 6 }],
    ['a title of 21', 2, { title: '秋'.repeat(21) }],
  ])('%s', async (_, count, input) => {
    const one = await photo(1, 1);
    const { body } = await compose({ downloads: { images: Array.from({ length: count }, () => one) }, input });
    expect(body).toMatchObject({ error: { code: 'INPUT_REFUSED' } });
  });

  test('what is no picture', async () => {
    const { body } = await compose({
      downloads: { images: [await photo(1, 1), { bytes: Buffer.from('x'), contentType: 'image/jpeg' }] },
    });
    expect(body).toMatchObject({ error: { code: 'INPUT_REFUSED' } });
  });
});
