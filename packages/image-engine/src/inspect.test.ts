import sharp from 'sharp';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  blockPicture,
  EMPTY_ZIP,
  join,
  pngBomb,
  pngChunk,
  withJpegSegment,
  withPngChunk,
} from '../test/fixtures/pictures.ts';
import { ImageRefused } from './image-refused.ts';
import { inspectImage } from './inspect.ts';
import { DEFAULT_IMAGE_LIMITS } from './limits.ts';

let jpeg: Buffer;
let png: Buffer;
let webp: Buffer;

beforeAll(async () => {
  jpeg = await blockPicture().jpeg().toBuffer();
  png = await blockPicture().png().toBuffer();
  webp = await blockPicture().webp().toBuffer();
});

/** The reason for which the bytes are refused. */
async function refusal(bytes: Uint8Array, limits = DEFAULT_IMAGE_LIMITS): Promise<string> {
  try {
    const facts = await inspectImage(bytes, limits);
    return `accepted as ${facts.format}`;
  } catch (error) {
    if (error instanceof ImageRefused) return error.reason;
    throw error;
  }
}

describe('inspectImage accepts', () => {
  it('jpeg, png and webp, and says what they are', async () => {
    const sides = { width: 600, height: 800 };
    expect(await inspectImage(jpeg)).toEqual({ format: 'jpeg', mime: 'image/jpeg', bytes: jpeg.length, ...sides });
    expect(await inspectImage(png)).toEqual({ format: 'png', mime: 'image/png', bytes: png.length, ...sides });
    expect(await inspectImage(webp)).toEqual({ format: 'webp', mime: 'image/webp', bytes: webp.length, ...sides });
  });

  it('progressive jpeg, lossless webp, webp with alpha', async () => {
    expect((await inspectImage(await blockPicture().jpeg({ progressive: true }).toBuffer())).format).toBe('jpeg');
    expect((await inspectImage(await blockPicture().webp({ lossless: true }).toBuffer())).width).toBe(600);
    expect((await inspectImage(await blockPicture().ensureAlpha(0.5).webp().toBuffer())).height).toBe(800);
  });

  it('a rotated picture, with its sides as they will be seen', async () => {
    const sideways = await blockPicture().withMetadata({ orientation: 6 }).jpeg().toBuffer();
    expect(await inspectImage(sideways)).toMatchObject({ width: 800, height: 600 });
  });

  it('cmyk jpeg, 16-bit png, grey png', async () => {
    expect((await inspectImage(await blockPicture().toColourspace('cmyk').jpeg().toBuffer())).format).toBe('jpeg');
    expect((await inspectImage(await blockPicture().toColourspace('rgb16').png().toBuffer())).format).toBe('png');
    expect((await inspectImage(await blockPicture().toColourspace('b-w').png().toBuffer())).format).toBe('png');
  });

  it('what phones put after the picture: further jpegs and padding', async () => {
    expect((await inspectImage(join(jpeg, jpeg, Buffer.alloc(64)))).format).toBe('jpeg');
    expect((await inspectImage(join(png, Buffer.alloc(9)))).format).toBe('png');
  });
});

describe('inspectImage refuses by name', () => {
  it('nothing at all', async () => {
    expect(await refusal(new Uint8Array())).toBe('empty');
  });

  it('more bytes than allowed', async () => {
    expect(await refusal(jpeg, { ...DEFAULT_IMAGE_LIMITS, maxBytes: jpeg.length - 1 })).toBe('too_large');
  });

  it('other formats, whatever they call themselves', async () => {
    const gif = await blockPicture().gif().toBuffer();
    const tiff = await blockPicture().tiff().toBuffer();
    const avif = await blockPicture().avif({ effort: 0 }).toBuffer();
    const svg = Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="600" height="600"/>');
    const texts = [svg, Buffer.from('<html>'), EMPTY_ZIP, Buffer.from('%PDF-1.7')];
    for (const bytes of [gif, tiff, avif, ...texts]) expect(await refusal(bytes)).toBe('unsupported_format');
  });

  it('a format the caller does not take', async () => {
    expect(await refusal(webp, { ...DEFAULT_IMAGE_LIMITS, formats: ['jpeg', 'png'] })).toBe('unsupported_format');
  });

  it('a side too short or too long', async () => {
    expect(await refusal(await blockPicture(480, 800).jpeg().toBuffer())).toBe('too_small');
    const long = sharp({ create: { width: 8001, height: 600, channels: 3, background: '#fff' } });
    expect(await refusal(await long.png().toBuffer())).toBe('too_many_pixels');
  });

  it('decompression bombs, from the header alone', async () => {
    const bomb = pngBomb(50_000);
    expect(bomb.length).toBeLessThan(100);
    expect(await refusal(bomb)).toBe('too_many_pixels');
  });

  it('a header that promises more than the data holds', async () => {
    expect(['truncated', 'corrupt']).toContain(await refusal(pngBomb(600)));
  });

  it('files cut short anywhere', async () => {
    for (const whole of [jpeg, png, webp]) {
      for (const share of [0.1, 0.5, 0.9, 0.999]) {
        expect(await refusal(whole.subarray(0, Math.floor(whole.length * share)))).toBe('truncated');
      }
    }
  });

  it('a cut jpeg that was given a new end', async () => {
    const cut = join(jpeg.subarray(0, Math.floor(jpeg.length * 0.7)), Buffer.from([0xff, 0xd9]));
    expect(['truncated', 'corrupt']).toContain(await refusal(cut));
  });

  it('broken data', async () => {
    const flipped = Buffer.from(png);
    flipped[Math.floor(png.length / 2)] = (flipped[Math.floor(png.length / 2)] ?? 0) ^ 0xff;
    expect(await refusal(flipped)).toBe('corrupt');
    expect(await refusal(join(jpeg.subarray(0, 2), Buffer.from([0x12, 0x34]), jpeg.subarray(2)))).toBe(
      'unsupported_format',
    );
    expect(await refusal(join(jpeg.subarray(0, 20), Buffer.from([0x12, 0x34]), jpeg.subarray(20)))).toBe('corrupt');
  });

  it('archives and pages behind the picture', async () => {
    for (const whole of [jpeg, png, webp]) {
      expect(await refusal(join(whole, EMPTY_ZIP))).toBe('polyglot');
      expect(await refusal(join(whole, '<html><script>alert(1)</script>'))).toBe('polyglot');
    }
  });

  it('archives and pages inside the metadata', async () => {
    expect(await refusal(withJpegSegment(jpeg, 0xfe, '<script>alert(1)</script>'))).toBe('polyglot');
    expect(await refusal(withJpegSegment(jpeg, 0xe5, join(EMPTY_ZIP, 'x')))).toBe('polyglot');
    expect(await refusal(withPngChunk(png, pngChunk('tEXt', 'Comment\0<!DOCTYPE html><body>')))).toBe('polyglot');
    expect(await refusal(withPngChunk(png, pngChunk('tEXt', 'Comment\0<?php system(1);')))).toBe('polyglot');
  });

  it('moving pictures', async () => {
    const frames = await Promise.all([blockPicture().png().toBuffer(), blockPicture().negate().png().toBuffer()]);
    const moving = await sharp(frames, { join: { animated: true } })
      .webp({ delay: [100, 100] })
      .toBuffer();
    expect(await refusal(moving)).toBe('animated');
    expect(await refusal(withPngChunk(png, pngChunk('acTL', Buffer.alloc(8, 1))))).toBe('animated');
  });

  it('gives the figures behind the reason', async () => {
    const small = await blockPicture(400, 400).png().toBuffer();
    await expect(inspectImage(small)).rejects.toMatchObject({
      name: 'ImageRefused',
      reason: 'too_small',
      details: { width: 400, height: 400, minSide: 500 },
    });
  });
});
