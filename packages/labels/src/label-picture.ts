import sharp, { type Sharp } from 'sharp';
import { chooseCorner, measureGrounds } from './choose-corner.ts';
import { LabelFailed } from './label-failed.ts';
import { sniffMedia, splitMedia, writeRecord, type MediaFormat } from './picture-file.ts';
import { aigcRecord } from './record.ts';
import { labelRegion, renderLabel, type Corner, type Size } from './visible.ts';

export type Marking = {
  /** Who generated it, as the record names it. */
  producer: string;
  /** The producer's number of this content. */
  contentId: string;
  /** False: only the record; every pixel stays as it is. */
  visible: boolean;
};

/** 8000 x 8000: what our own vendors and uploads may have. */
export const MAX_PIXELS = 64_000_000;
/** Above this, JPEG adds nothing that is seen. */
const QUALITY = 95;

/**
 * Marks a JPEG, PNG or WebP as generated. Of the metadata that was there nothing is left: with a visible label colours are
 * converted to sRGB, without one the colour profile stays. `corner` is null without a visible label. Throws LabelFailed.
 */
export async function labelPicture(
  bytes: Uint8Array,
  marking: Marking,
): Promise<{ bytes: Buffer; corner: Corner | null; width: number; height: number }> {
  const format = sniffMedia(bytes);
  if (format === 'mp4') throw new LabelFailed('unsupported_format', 'a video');
  splitMedia(bytes, format); // sound, before any decoder is asked
  const record = aigcRecord(marking);
  const { size, turned, hasAlpha } = await sizeOf(bytes);
  const drawn = marking.visible
    ? await draw({ bytes, format, size, hasAlpha })
    : { corner: null, bytes: turned ? await encode(open(bytes).keepIccProfile(), { bytes, format }) : bytes };
  return { bytes: writeRecord({ bytes: drawn.bytes, format, size }, record), corner: drawn.corner, ...size };
}

type Picture = { bytes: Uint8Array; format: MediaFormat; size: Size; hasAlpha: boolean };

async function draw(picture: Picture): Promise<{ bytes: Uint8Array; corner: Corner }> {
  const { bytes, format, size, hasAlpha } = picture;
  const { corner, tone } = chooseCorner(await decoded(measureGrounds(bytes, size)));
  const region = labelRegion(size, corner);
  const input = await renderLabel(region, Math.min(size.width, size.height), tone);
  const composed = open(bytes).composite([{ input, left: region.left, top: region.top }]);
  // Composing gives every picture an alpha channel.
  return { corner, bytes: await encode(hasAlpha ? composed : composed.removeAlpha(), { bytes, format }) };
}

function open(bytes: Uint8Array): Sharp {
  return sharp(bytes, { limitInputPixels: MAX_PIXELS, failOn: 'warning' }).autoOrient();
}

async function sizeOf(bytes: Uint8Array): Promise<{ size: Size; turned: boolean; hasAlpha: boolean }> {
  const meta = await decoded(sharp(bytes, { limitInputPixels: MAX_PIXELS }).metadata());
  const { width, height } = meta.autoOrient;
  return { size: { width, height }, turned: (meta.orientation ?? 1) !== 1, hasAlpha: meta.hasAlpha };
}

function encode(picture: Sharp, from: { bytes: Uint8Array; format: MediaFormat }): Promise<Buffer> {
  return decoded(as(picture, from).toBuffer());
}

/** PNG and lossless WebP lose nothing outside the label; the others as little as can be. */
function as(picture: Sharp, { bytes, format }: { bytes: Uint8Array; format: MediaFormat }): Sharp {
  if (format === 'png') return picture.png();
  if (format === 'jpeg') return picture.jpeg({ quality: QUALITY, chromaSubsampling: '4:4:4' });
  const isLossless = splitMedia(bytes, 'webp').some(({ name }) => name === 'VP8L');
  return picture.webp(isLossless ? { lossless: true, exact: true } : { quality: QUALITY, smartSubsample: true });
}

async function decoded<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof LabelFailed) throw error;
    throw new LabelFailed('corrupt', 'picture', { cause: error });
  }
}
