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

const shirt = { r: 20, g: 90, b: 200 };

/** A blue shirt-like block in the middle of nothing. */
async function cutOut() {
  const garment = await sharp({ create: { width: 300, height: 400, channels: 3, background: shirt } })
    .png()
    .toBuffer();
  const nothing = sharp({ create: { width: 600, height: 800, channels: 4, background: '#00000000' } });
  return {
    bytes: await nothing
      .composite([{ input: garment }])
      .png()
      .toBuffer(),
    contentType: 'image/png',
  };
}

async function compose(input: JobToInvoke['input'], downloads?: JobToInvoke['downloads']) {
  const event = platform.invocation({
    function: 'poster-composer',
    input: input ?? {},
    downloads: downloads ?? { image: await cutOut() },
    uploads: { image: 'image/jpeg' },
  });
  await main_handler(event);
  return { body: platform.callbacks.at(-1)?.body, poster: platform.uploaded(`results/${event.jobId}/image`)?.bytes };
}

/** How many of the pixels of a part of the picture are near a colour. */
async function share(
  poster: Buffer,
  region: { left: number; top: number; width: number; height: number },
  near: typeof shirt,
) {
  const { data, info } = await sharp(poster).extract(region).raw().toBuffer({ resolveWithObject: true });
  let found = 0;
  for (let i = 0; i < data.length; i += info.channels) {
    const apart =
      Math.abs((data[i] ?? 0) - near.r) + Math.abs((data[i + 1] ?? 0) - near.g) + Math.abs((data[i + 2] ?? 0) - near.b);
    if (apart < 60) found += 1;
  }
  return found / (info.width * info.height);
}

const accent = { r: 0xd7, g: 0x26, b: 0x3d };
const text = { r: 0x3b, g: 0x0d, b: 0x11 };
const priceRow = { left: 0, top: 1260, width: 700, height: 180 };

describe('a poster', () => {
  test('is a JPEG of 1080 × 1440 with garment, title and price where they belong', async () => {
    const { body, poster } = await compose({
      title: '秋装上新',
      subtitle: '轻盈透气',
      price: 199,
      originalPrice: '399',
      badge: '特惠',
    });
    if (poster === undefined) throw new Error('no poster was uploaded');
    expect(body).toMatchObject({
      status: 'succeeded',
      output: { image: { bytes: poster.byteLength, width: 1080, height: 1440 } },
    });
    expect(await sharp(poster).metadata()).toMatchObject({ format: 'jpeg', width: 1080, height: 1440, space: 'srgb' });
    expect(await share(poster, { left: 380, top: 300, width: 320, height: 400 }, shirt)).toBeGreaterThan(0.95);
    expect(await share(poster, priceRow, accent)).toBeGreaterThan(0.05);
    expect(await share(poster, { left: 60, top: 40, width: 200, height: 90 }, accent)).toBeGreaterThan(0.2);
    expect(await share(poster, { left: 60, top: 1060, width: 420, height: 200 }, text)).toBeGreaterThan(0.05);
  });

  test('grows into the room of words that are not given', async () => {
    const { poster } = await compose({ title: '基础款', subtitle: '  ', price: null });
    if (poster === undefined) throw new Error('no poster was uploaded');
    expect(await share(poster, priceRow, accent)).toBe(0);
    expect(await share(poster, { left: 380, top: 1000, width: 320, height: 150 }, shirt)).toBeGreaterThan(0.9);
  });

  test('lays a photo with a ground on a white card', async () => {
    const photo = sharp({ create: { width: 600, height: 800, channels: 3, background: shirt } });
    const { poster } = await compose(
      { title: '秋装', template: 'night' },
      { image: { bytes: await photo.jpeg().toBuffer(), contentType: 'image/jpeg' } },
    );
    if (poster === undefined) throw new Error('no poster was uploaded');
    const { data } = await sharp(poster)
      .extract({ left: 0, top: 600, width: 1080, height: 1 })
      .raw()
      .toBuffer({ resolveWithObject: true });
    const row = Array.from({ length: 1080 }, (_, x) => data[x * 3] ?? 0);
    expect(row.filter((red) => red > 250).length).toBe(48);
  });

  test('is the same file for the same input', async () => {
    const [first, second] = [await compose({ title: '秋装' }), await compose({ title: '秋装' })];
    expect(first.poster?.equals(second.poster ?? Buffer.alloc(0))).toBe(true);
  });
});

describe('refuses', () => {
  test.each([
    ['no title', {}, 'title is missing'],
    ['a title of 25', { title: '秋'.repeat(25) }, 'at most 24'],
    ['a template nobody knows', { title: '秋装', template: 'neon' }, 'template'],
    ['a price of two lines', { title: '秋装', price: '1\n2' }, 'price'],
  ])('%s', async (_, input, message) => {
    const { body, poster } = await compose(input);
    expect(body).toMatchObject({
      status: 'failed',
      error: { code: 'INPUT_REFUSED', message: expect.stringContaining(message) },
    });
    expect(poster).toBeUndefined();
  });

  test('bytes that only say they are a picture', async () => {
    const { body } = await compose(
      { title: '秋装' },
      { image: { bytes: Buffer.from('MZ'), contentType: 'image/png' } },
    );
    expect(body).toMatchObject({ error: { code: 'INPUT_REFUSED' } });
  });
});
