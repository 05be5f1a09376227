import { startPlatform } from '@yunshang/function-testing';
import type { JobToInvoke, Platform } from '@yunshang/function-testing';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { main_handler } from './index.ts';

let platform: Platform;
beforeAll(async () => {
  platform = await startPlatform();
  for (const [name, value] of Object.entries(platform.environment)) vi.stubEnv(name, value);
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await platform.stop();
});

const reds = [40, 80, 120, 160, 200];

async function pictures(count: number) {
  return Promise.all(
    reds.slice(0, count).map(async (r) => {
      const picture = sharp({ create: { width: 200, height: 200, channels: 3, background: { r, g: 0, b: 0 } } });
      return { bytes: await picture.png().toBuffer(), contentType: 'image/png' };
    }),
  );
}

async function compose(job: Partial<JobToInvoke>) {
  const event = platform.invocation({ function: 'image-grid', uploads: { image: 'image/png' }, ...job });
  await main_handler(event);
  return { body: platform.callbacks.at(-1)?.body, grid: platform.uploaded(`results/${event.jobId}/image`)?.bytes };
}

async function redAt(grid: Buffer | undefined, left: number, top: number) {
  const [red] = await sharp(grid).extract({ left, top, width: 1, height: 1 }).removeAlpha().raw().toBuffer();
  return red;
}

test('puts five pictures into rows of three, in order, the last row centred', async () => {
  const { body, grid } = await compose({ downloads: { images: await pictures(5) }, input: { gap: '0' } });
  expect(body).toMatchObject({ status: 'succeeded', output: { image: { width: 2160, height: 1440 } } });
  const centres = [360, 1080, 1800].map((x) => [x, 360]).concat([720, 1440].map((x) => [x, 1080]));
  expect(await Promise.all(centres.map(([x = 0, y = 0]) => redAt(grid, x, y)))).toEqual(reds);
  expect(await redAt(grid, 100, 1080)).toBe(255);
});

test('keeps whole pictures in portrait cells on the ground that was asked for', async () => {
  const input = { columns: 2, shape: 'portrait', background: '#0000ff', gap: 10 };
  const { grid } = await compose({ downloads: { images: await pictures(2) }, input });
  expect(await sharp(grid).metadata()).toMatchObject({ width: 1470, height: 980, format: 'png' });
  expect([await redAt(grid, 5, 5), await redAt(grid, 370, 490), await redAt(grid, 370, 30)]).toEqual([0, 40, 0]);
});

test('makes a JPEG when the upload is one', async () => {
  const { grid } = await compose({
    downloads: { images: (await pictures(1))[0] ?? [] },
    uploads: { image: 'image/jpeg' },
  });
  expect(await sharp(grid).metadata()).toMatchObject({ format: 'jpeg', width: 768, height: 768 });
});

describe('refuses', () => {
  test.each([
    ['five columns', { columns: 5 }],
    ['a round shape', { shape: 'round' }],
    ['a colour by name', { background: 'red' }],
  ])('%s', async (_, input) => {
    const { body } = await compose({ downloads: { images: await pictures(1) }, input });
    expect(body).toMatchObject({ error: { code: 'INPUT_REFUSED' } });
  });

  test('no pictures, and more than 16', async () => {
    const [one] = await pictures(1);
    if (one === undefined) throw new Error('one picture was asked for');
    for (const downloads of [{}, { images: Array.from({ length: 17 }, () => one) }]) {
      expect((await compose({ downloads })).body).toMatchObject({ error: { code: 'INPUT_REFUSED' } });
    }
  });

  test('a place for a film', async () => {
    const { body } = await compose({ downloads: { images: await pictures(1) }, uploads: { image: 'video/mp4' } });
    expect(body).toMatchObject({ error: { code: 'INVOCATION_MALFORMED' } });
  });
});
