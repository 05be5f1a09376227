import sharp from 'sharp';
import { describe, expect, test } from 'vitest';
import { openPicture } from './open-picture.ts';

const square = (channels: 3 | 4, background: object) =>
  sharp({ create: { width: 64, height: 48, channels, background: { r: 200, g: 30, b: 60, ...background } } });

describe('opens', () => {
  test.each(['jpeg', 'png', 'webp'] as const)('a %s', async (format) => {
    const picture = await openPicture(await square(3, {}).toFormat(format).toBuffer());
    expect([picture.width, picture.height, picture.isCutOut]).toEqual([64, 48, false]);
  });

  test('a cut-out, and tells it from a picture whose alpha hides nothing', async () => {
    expect((await openPicture(await square(4, { alpha: 0.5 }).png().toBuffer())).isCutOut).toBe(true);
    expect((await openPicture(await square(4, { alpha: 1 }).png().toBuffer())).isCutOut).toBe(false);
  });

  test('a photo taken sideways, upright', async () => {
    const sideways = await square(3, {}).withMetadata({ orientation: 6 }).jpeg().toBuffer();
    const { width, height } = await openPicture(sideways);
    expect([width, height]).toEqual([48, 64]);
  });

  test('grey and CMYK pictures in colour', async () => {
    for (const space of ['b-w', 'cmyk'] as const) {
      const { pixels } = await openPicture(await square(3, {}).toColourspace(space).jpeg().toBuffer());
      const { data, info } = await pixels.clone().removeAlpha().raw().toBuffer({ resolveWithObject: true });
      expect(info.channels).toBe(3);
      expect(data[0]).toBeGreaterThan(60);
    }
  });

  test('a large photo at no more than 2400 pixels', async () => {
    const large = sharp({ create: { width: 5000, height: 3000, channels: 3, background: '#888' } });
    const { width, height } = await openPicture(await large.jpeg().toBuffer());
    expect([width, height]).toEqual([2400, 1440]);
  });
});

describe('refuses', () => {
  test.each([
    ['text', async () => Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"/>')],
    [
      'an SVG',
      async () =>
        Buffer.from(
          '<svg xmlns="http://www.w3.org/2000/svg" width="64" height="64"><rect width="9" height="9"/></svg>',
        ),
    ],
    ['a GIF', () => square(3, {}).gif().toBuffer()],
    [
      'a picture of one pixel',
      () =>
        sharp({ create: { width: 1, height: 1, channels: 3, background: '#fff' } })
          .png()
          .toBuffer(),
    ],
    ['a picture that was cut off', async () => (await square(3, {}).png().toBuffer()).subarray(0, 90)],
    [
      'a picture of too many pixels',
      () =>
        sharp({ create: { width: 9000, height: 6000, channels: 3, background: '#fff' } })
          .png()
          .toBuffer(),
    ],
    ['nothing', async () => Buffer.alloc(0)],
  ])('%s', async (_, make) => {
    await expect(openPicture(await make())).rejects.toMatchObject({ code: 'INPUT_REFUSED' });
  });
});
