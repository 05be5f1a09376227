import { FunctionFailure } from '@yunshang/function-runtime';
import sharp from 'sharp';
import type { Sharp } from 'sharp';

export interface OpenPicture {
  /** Upright and in sRGB; take a `clone()` for each use. */
  readonly pixels: Sharp;
  readonly width: number;
  readonly height: number;
  /** Something of it is see-through: a cut-out. */
  readonly isCutOut: boolean;
}

/** 50 million pixels hold what any phone takes; decoding more would not fit into a function's memory. */
const pixelsMax = 50_000_000;
const formats = ['jpeg', 'png', 'webp'];

/** Judges the bytes, whatever was said about them, and makes them no larger than is needed. Throws `INPUT_REFUSED` for what is no whole JPEG, PNG or WebP. */
export async function openPicture(bytes: Uint8Array, longestSidePx = 2400): Promise<OpenPicture> {
  try {
    const found = await sharp(bytes, { limitInputPixels: pixelsMax }).metadata();
    if (!formats.includes(found.format)) throw refused(`a picture is ${found.format}, not JPEG, PNG or WebP`);
    if (found.width < 16 || found.height < 16) throw refused('a picture is smaller than 16 pixels');
    const upright = await sharp(bytes, { limitInputPixels: pixelsMax, failOn: 'error' })
      .autoOrient()
      .toColourspace('srgb')
      .resize({ width: longestSidePx, height: longestSidePx, fit: 'inside', withoutEnlargement: true })
      .raw()
      .toBuffer({ resolveWithObject: true });
    const { width, height, channels } = upright.info;
    const pixels = sharp(upright.data, { raw: { width, height, channels } });
    return { pixels, width, height, isCutOut: channels === 4 && !(await pixels.clone().stats()).isOpaque };
  } catch (error) {
    if (error instanceof FunctionFailure) throw error;
    throw refused('a picture can not be read to its end', error);
  }
}

function refused(message: string, cause?: unknown): FunctionFailure {
  return new FunctionFailure('INPUT_REFUSED', message, { cause });
}
