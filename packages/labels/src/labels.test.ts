import sharp, { type Sharp } from 'sharp';
import { expect, test } from 'vitest';
import { aigcRecord, isSameRecord, labelPicture, LabelFailed, readLabel, type Marking } from './index.ts';
import { characterHeight, CORNERS, labelRegion } from './visible.ts';
import { xmpOf } from './xmp.ts';

const FORMATS = ['jpeg', 'png', 'webp'] as const;
const marking: Marking = { producer: '云裳 "<&>"', contentId: '01JABCDEF', visible: true };
const expected = aigcRecord(marking);

/** Soft hills of colour, so that corners differ. */
function scene(width = 800, height = 1000, channels: 3 | 4 = 3) {
  const data = Buffer.alloc(width * height * channels);
  for (let y = 0, at = 0; y < height; y++)
    for (let x = 0; x < width; x++, at += channels) {
      data[at] = 128 + 100 * Math.sin(x / 90);
      data[at + 1] = 128 + 100 * Math.cos(y / 70);
      data[at + 2] = (x + y) & 0xff;
      if (channels === 4) data[at + 3] = x < width / 2 ? 255 : 90;
    }
  return sharp(data, { raw: { width, height, channels } });
}

const flat = (background: string, width = 600, height = 600) =>
  sharp({ create: { width, height, channels: 3, background } });

const pixels = (file: Buffer) => sharp(file).raw().toBuffer();

/** The mean change of a sample away from the label, in levels. */
const loss = async (bytes: Buffer): Promise<number> => {
  const made = await labelPicture(bytes, marking);
  const region = labelRegion({ width: 800, height: 1000 }, made.corner ?? 'top-left');
  const [before, after] = await Promise.all([sharp(bytes).raw().toBuffer(), sharp(made.bytes).raw().toBuffer()]);
  let changed = 0;
  let samples = 0;
  for (let y = 0; y < 1000; y++)
    for (let x = 0; x < 800; x++) {
      const isLabel =
        x >= region.left - 16 &&
        x < region.left + region.width + 16 &&
        y >= region.top - 16 &&
        y < region.top + region.height + 16;
      if (isLabel) continue;
      const at = 3 * (y * 800 + x);
      for (let c = 0; c < 3; c++, samples++) changed += Math.abs((before[at + c] ?? 0) - (after[at + c] ?? 0));
    }
  return changed / samples;
};

const noise = (width: number, height: number) =>
  sharp({
    create: { width, height, channels: 3, background: '#000', noise: { type: 'gaussian', mean: 128, sigma: 90 } },
  });

const fakeXmp = xmpOf(aigcRecord({ producer: 'somebody else', contentId: 'fake' }));

const as = (picture: Sharp, format: (typeof FORMATS)[number]): Promise<Buffer> =>
  (format === 'png' ? picture.png() : picture.toFormat(format, { quality: 90 })).toBuffer();

const changed = async (format: (typeof FORMATS)[number]): Promise<Buffer> => {
  const made = await labelPicture(await as(scene(), format), marking);
  return Buffer.from(made.bytes.toString('latin1').replace('01JABCDEF', '01JABCDEX'), 'latin1');
};

test.each(FORMATS)('a %s carries the label and the record, and both are read back', async (format) => {
  const made = await labelPicture(await as(scene(), format), marking);
  expect(await readLabel(made.bytes)).toEqual({ format, record: expected, visible: made.corner, strays: [] });
  const meta = await sharp(made.bytes).metadata();
  expect(meta).toMatchObject({ format, width: 800, height: 1000 });
  expect(meta.xmpAsString).toContain('TC260:AIGC');
  expect(meta.exif).toBeUndefined();
});

test.each(FORMATS)('a %s without a visible label keeps every pixel', async (format) => {
  const bytes = await as(scene(), format);
  const made = await labelPicture(bytes, { ...marking, visible: false });
  expect(made.corner).toBeNull();
  expect(await readLabel(made.bytes)).toMatchObject({ record: expected, visible: undefined, strays: [] });
  expect((await pixels(made.bytes)).equals(await pixels(bytes))).toBe(true);
});

test.each(FORMATS)('a %s keeps its transparency, or has none', async (format) => {
  const made = await labelPicture(await as(scene(300, 300, 4), format), marking);
  expect((await sharp(made.bytes).metadata()).hasAlpha).toBe(format !== 'jpeg');
  expect(await readLabel(made.bytes)).toMatchObject({ record: expected, visible: made.corner });
});

test('outside the label a PNG and a lossless WebP lose nothing, a JPEG next to nothing', async () => {
  expect(await loss(await scene().png().toBuffer())).toBe(0);
  expect(await loss(await scene().webp({ lossless: true }).toBuffer())).toBe(0);
  expect(await loss(await scene().jpeg({ quality: 90 }).toBuffer())).toBeLessThan(2);
});

test.each([
  [800, 1000],
  [2048, 1365],
  [300, 4000],
  [64, 64],
])('on %i x %i every character has a twentieth of the shorter side, inside the picture', async (width, height) => {
  const short = Math.min(width, height);
  expect(characterHeight(short)).toBeGreaterThanOrEqual(short * 0.05);
  for (const corner of CORNERS) {
    const region = labelRegion({ width, height }, corner);
    expect(Math.min(region.left, region.top)).toBeGreaterThanOrEqual(0);
    expect(region.left + region.width).toBeLessThanOrEqual(width);
    expect(region.top + region.height).toBeLessThanOrEqual(height);
  }
  const made = await labelPicture(await flat('#808080', width, height).png().toBuffer(), marking);
  expect(await readLabel(made.bytes)).toMatchObject({ visible: made.corner });
});

test.each(['#000', '#fff', '#808080', '#e0c0a0', '#10306f'])('on %s the label stands out', async (background) => {
  const made = await labelPicture(await flat(background).jpeg().toBuffer(), marking);
  expect(made.corner).toBe('bottom-right');
  expect(await readLabel(made.bytes)).toMatchObject({ visible: 'bottom-right' });
});

test('the label goes where it is calm, and is found over noise', async () => {
  const busy = await noise(600, 300).png().toBuffer();
  const half = await flat('#fff')
    .composite([{ input: busy, left: 0, top: 300 }])
    .png()
    .toBuffer();
  expect((await labelPicture(half, marking)).corner).toBe('top-right');
  const made = await labelPicture(await noise(600, 600).jpeg().toBuffer(), marking);
  expect(await readLabel(made.bytes)).toMatchObject({ visible: made.corner });
});

test('a turned photo is labelled upright', async () => {
  const photo = await scene(900, 600).withMetadata({ orientation: 6 }).jpeg().toBuffer();
  for (const visible of [true, false]) {
    const made = await labelPicture(photo, { ...marking, visible });
    expect(await sharp(made.bytes).metadata()).toMatchObject({ width: 600, height: 900 });
    expect(await readLabel(made.bytes)).toMatchObject({ record: expected, visible: made.corner ?? undefined });
  }
});

test.each(FORMATS)('nothing the uploader wrote into a %s is left, also no record of his own', async (format) => {
  const secret = 'taken at home, 31.2304 N';
  const bytes = await scene()
    .withExif({ IFD0: { Artist: secret, Copyright: secret } })
    .withXmp(fakeXmp)
    .toFormat(format)
    .toBuffer();
  expect(bytes.includes(secret)).toBe(true);
  for (const visible of [true, false]) {
    const made = await labelPicture(bytes, { ...marking, visible });
    expect(made.bytes.includes(secret)).toBe(false);
    expect(made.bytes.includes('somebody else')).toBe(false);
    expect(await readLabel(made.bytes)).toMatchObject({ record: expected, strays: [] });
  }
});

test('what is hidden behind the picture or between its scans is left out', async () => {
  const comment = Buffer.concat([Buffer.from([0xff, 0xfe, 0, 12]), Buffer.from('my comment')]);
  const jpeg = await scene().jpeg({ progressive: true }).toBuffer();
  const scan = jpeg.indexOf(Buffer.from([0xff, 0xda]), jpeg.indexOf(Buffer.from([0xff, 0xda])) + 2);
  const stuffed = Buffer.concat([jpeg.subarray(0, scan), comment, jpeg.subarray(scan), Buffer.from('my archive')]);
  const made = await labelPicture(stuffed, { ...marking, visible: false });
  expect(made.bytes.includes('my comment')).toBe(false);
  expect(made.bytes.includes('my archive')).toBe(false);
  expect(await readLabel(made.bytes)).toMatchObject({ record: expected, strays: [] });
});

test.each(FORMATS)('a record of another hand, or more behind the file, makes a %s not ours', async (format) => {
  const made = await labelPicture(await as(scene(), format), marking);
  const faked = await labelPicture(made.bytes, { ...marking, contentId: 'fake', visible: false });
  const { record } = await readLabel(faked.bytes);
  expect(record !== undefined && isSameRecord(record, expected)).toBe(false);
  const foreign = await sharp(made.bytes).withXmp(fakeXmp.replace('<rdf:RDF', '<rdf:RDF ')).toFormat(format).toBuffer();
  const read = await readLabel(foreign);
  expect(read.record).toBeUndefined();
  expect(read.strays).not.toEqual([]);
  const behind = Buffer.concat([made.bytes, Buffer.from(fakeXmp)]);
  expect((await readLabel(behind)).strays).toEqual(['behind the picture']);
});

test('a changed record is read as it is, and a PNG notices the change', async () => {
  for (const format of ['jpeg', 'webp'] as const)
    expect((await readLabel(await changed(format))).record).toMatchObject({ ProduceID: '01JABCDEX' });
  await expect(readLabel(await changed('png'))).rejects.toMatchObject({ reason: 'corrupt' });
});

test('two packets in one JPEG are no record', async () => {
  const made = await labelPicture(await as(scene(), 'jpeg'), marking);
  const packet = made.bytes.subarray(
    made.bytes.indexOf('http://ns.adobe.com') - 4,
    made.bytes.indexOf('end="r"?>') + 9,
  );
  const twice = Buffer.concat([made.bytes.subarray(0, 2), packet, made.bytes.subarray(2)]);
  expect(await readLabel(twice)).toMatchObject({ record: undefined });
});

test('pictures without a label are not taken for labelled ones', async () => {
  for (const picture of [scene(), flat('#fff'), flat('#000')])
    expect(await readLabel(await picture.jpeg().toBuffer())).toMatchObject({ record: undefined, visible: undefined });
});

test.each(FORMATS)('a cut-off %s is refused at every length', async (format) => {
  const whole = (await labelPicture(await as(scene(200, 200), format), marking)).bytes;
  for (let share = 0.05; share < 1; share += 0.1) {
    const cut = whole.subarray(0, Math.trunc(whole.length * share));
    await expect(labelPicture(cut, marking)).rejects.toBeInstanceOf(LabelFailed);
    await expect(readLabel(cut)).rejects.toBeInstanceOf(LabelFailed);
  }
});

test.each([
  ['a text', Buffer.from('not a picture'), 'unsupported_format'],
  ['nothing', Buffer.alloc(0), 'unsupported_format'],
])('%s is refused', async (_what, bytes, reason) => {
  await expect(labelPicture(bytes, marking)).rejects.toMatchObject({ reason });
});

test('a picture too small for a label, and an animated one, are refused', async () => {
  const small = await flat('#fff', 40, 40).png().toBuffer();
  await expect(labelPicture(small, marking)).rejects.toMatchObject({ reason: 'too_small' });
  const frames = await sharp(await scene(100, 200).raw().toBuffer(), {
    raw: { width: 100, height: 200, channels: 3, pageHeight: 100 },
  })
    .webp({ loop: 0, delay: [100, 100] })
    .toBuffer();
  await expect(labelPicture(frames, marking)).rejects.toMatchObject({ reason: 'animated' });
});
