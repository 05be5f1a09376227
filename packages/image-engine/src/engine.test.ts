import sharp from 'sharp';
import { afterAll, describe, expect, it } from 'vitest';
import { blockPicture, join, withJpegSegment } from '../test/fixtures/pictures.ts';
import { createImageEngine } from './engine.ts';
import { renderSampleGarment } from './sample-garment.ts';

const engine = createImageEngine();
afterAll(() => engine.close());

async function pixel(bytes: Uint8Array, left: number, top: number): Promise<number[]> {
  return [...(await sharp(bytes).extract({ left, top, width: 1, height: 1 }).raw().toBuffer())];
}

const clean = async (bytes: Uint8Array) => {
  const picture = await engine.clean(bytes);
  if (picture.verdict === 'reject') throw new Error(`rejected: ${picture.reasons.join()}`);
  return picture;
};

/** Generous: a job takes one to two seconds of a processor that others may be using. */
const UNHURRIED = { timeout: 90_000 };

describe('the image engine', UNHURRIED, () => {
  it('cleans its own sample garment: ok, exactly white around, the same bytes every time', async () => {
    const sample = await renderSampleGarment();
    const [first, second] = await Promise.all([clean(sample), clean(sample)]);
    expect(first).toMatchObject({ verdict: 'ok', reasons: [], width: 768, height: 1024 });
    expect(first.jpeg.equals(second.jpeg)).toBe(true);
    for (const [x, y] of [
      [0, 0],
      [767, 0],
      [0, 1023],
      [767, 1023],
      [384, 8],
    ] as const) {
      expect(await pixel(first.jpeg, x, y)).toEqual([255, 255, 255]);
    }
    const { chromaSubsampling, format } = await sharp(first.jpeg).metadata();
    expect({ chromaSubsampling, format }).toEqual({ chromaSubsampling: '4:4:4', format: 'jpeg' });
  });

  it('cuts out to a transparent png, and finishes it like its own', async () => {
    const cut = await engine.cutOut(await blockPicture().png().toBuffer());
    expect(cut).toMatchObject({ verdict: 'ok', width: 600, height: 800 });
    expect((await pixel(cut.png, 10, 10))[3]).toBe(0);
    expect((await pixel(cut.png, 300, 400))[3]).toBe(255);
    const finished = await engine.finishOnWhite(cut.png);
    expect(await pixel(finished.jpeg, 10, 10)).toEqual([255, 255, 255]);
    expect((await pixel(finished.jpeg, 300, 400))[0]).toBeGreaterThan(150);
  });

  it('gives no picture at all when it rejects', async () => {
    const noise = { type: 'gaussian', mean: 128, sigma: 60 } as const;
    const busy = await sharp({ create: { width: 600, height: 600, channels: 3, background: '#888', noise } })
      .png()
      .toBuffer();
    expect(await engine.cutOut(busy)).toMatchObject({ verdict: 'reject', width: 0, height: 0, png: Buffer.alloc(0) });
    expect(await engine.clean(busy)).toEqual({ verdict: 'reject', reasons: ['ground_not_uniform'] });
    const blank = await sharp({ create: { width: 600, height: 600, channels: 3, background: '#eee' } })
      .png()
      .toBuffer();
    expect(await engine.clean(blank)).toEqual({ verdict: 'reject', reasons: ['garment_too_small'] });
  });

  it('turns pictures upright by their EXIF orientation', async () => {
    const sideways = await blockPicture(600, 800).withMetadata({ orientation: 6 }).jpeg().toBuffer();
    expect(await clean(sideways)).toMatchObject({ width: 800, height: 600 });
    expect(await engine.transform(sideways, {})).toMatchObject({ width: 800, height: 600 });
  });

  it('reads cmyk, 16-bit and transparent pictures as what they show', async () => {
    const cmyk = await blockPicture().toColourspace('cmyk').jpeg({ quality: 95 }).toBuffer();
    const deep = await blockPicture().toColourspace('rgb16').png().toBuffer();
    const loose = await engine.cutOut(deep);
    for (const bytes of [cmyk, deep, loose.png]) {
      const picture = await clean(bytes);
      const [red = 0, green = 0, blue = 0] = await pixel(picture.jpeg, 300, 400);
      expect(red).toBeGreaterThan(140);
      expect(green).toBeLessThan(100);
      expect(blue).toBeLessThan(110);
      expect(await pixel(picture.jpeg, 5, 5)).toEqual([255, 255, 255]);
    }
  });

  it('works at 2048 pixels on larger pictures', async () => {
    const large = await blockPicture(2400, 3000).jpeg().toBuffer();
    const picture = await clean(large);
    expect(Math.max(picture.width, picture.height)).toBe(2048);
    expect(await pixel(picture.jpeg, 20, 20)).toEqual([255, 255, 255]);
  });

  it('refuses bad bytes with the reason, and goes on working', async () => {
    const jpeg = await blockPicture().jpeg().toBuffer();
    await expect(engine.clean(Buffer.from('not a picture'))).rejects.toMatchObject({ reason: 'unsupported_format' });
    await expect(engine.cutOut(jpeg.subarray(0, 3000))).rejects.toMatchObject({ reason: 'truncated' });
    await expect(engine.transform(join(jpeg, 'PK'), {})).rejects.toMatchObject({ reason: 'polyglot' });
    expect((await engine.transform(jpeg, { width: 100 })).width).toBe(100);
  });

  it('transforms like imageMogr2: fits inside, never enlarges, changes format', async () => {
    const jpeg = await blockPicture().jpeg().toBuffer();
    expect(await engine.transform(jpeg, { width: 300, height: 300 })).toMatchObject({
      format: 'jpeg',
      width: 225,
      height: 300,
    });
    expect(await engine.transform(jpeg, { width: 3000, format: 'webp' })).toMatchObject({ format: 'webp', width: 600 });
    const png = await engine.transform(jpeg, { height: 80, format: 'png' });
    expect(await sharp(png.bytes).metadata()).toMatchObject({ format: 'png', width: 60, height: 80 });
    const [low, high] = [await engine.transform(jpeg, { quality: 10 }), await engine.transform(jpeg, { quality: 95 })];
    expect(low.bytes.length).toBeLessThan(high.bytes.length);
  });
});

describe("the uploader's metadata", UNHURRIED, () => {
  it('reaches no output', async () => {
    const described = await blockPicture()
      .withExif({ IFD0: { Artist: 'SECRETNAME' }, IFD3: { GPSLatitudeRef: 'N', GPSLatitude: '31/1 14/1 5/1' } })
      .withXmp('<x:xmpmeta xmlns:x="adobe:ns:meta/"><note>SECRETNAME</note></x:xmpmeta>')
      .jpeg()
      .toBuffer();
    const iptc = join('Photoshop 3.0\x008BIM\x04\x04\x00\x00\x00\x00\x00\x0f\x1c\x02\x50\x00\x0aSECRETNAME\x00');
    const source = withJpegSegment(withJpegSegment(described, 0xed, iptc), 0xfe, 'SECRETNAME');
    expect(await sharp(source).metadata()).toMatchObject({
      exif: expect.anything(),
      xmp: expect.anything(),
      iptc: expect.anything(),
    });
    const cut = await engine.cutOut(source);
    const outputs = [cut.png, (await clean(source)).jpeg, (await engine.finishOnWhite(cut.png)).jpeg];
    for (const format of ['jpeg', 'png', 'webp'] as const)
      outputs.push((await engine.transform(source, { format })).bytes);
    outputs.push((await engine.finishOnWhite(source)).jpeg);
    for (const bytes of outputs) {
      const { exif, xmp, iptc: kept, icc, comments } = await sharp(bytes).metadata();
      expect({ exif, xmp, kept, icc, comments }).toEqual({});
      expect(bytes.includes('SECRETNAME')).toBe(false);
    }
  });
});
