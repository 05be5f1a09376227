import sharp, { type Sharp } from 'sharp';
import { readContainer, sniffFormat } from './container/container.ts';
import { ImageRefused } from './image-refused.ts';
import { DEFAULT_IMAGE_LIMITS, type ImageFormat, type ImageLimits, MIME_OF_FORMAT } from './limits.ts';

/** Width and height in pixels, after EXIF rotation. */
export type ImageFacts = { format: ImageFormat; mime: string; width: number; height: number; bytes: number };

/** Judges by the bytes only (magic number, structure, full decode under pixel limits), never by name or declared type. */
export async function inspectImage(bytes: Uint8Array, limits: ImageLimits = DEFAULT_IMAGE_LIMITS): Promise<ImageFacts> {
  const { facts, pipeline } = await openImage(bytes, limits);
  try {
    // Every pixel is decoded, row by row, and none is kept.
    await pipeline.resize(8, 8, { fit: 'fill', kernel: 'linear', fastShrinkOnLoad: false }).raw().toBuffer();
  } catch (error) {
    throw toRefusal(error);
  }
  return facts;
}

/** Checks everything but the pixels and gives a pipeline that decodes strictly, once. */
export async function openImage(
  bytes: Uint8Array,
  limits: ImageLimits,
): Promise<{ facts: ImageFacts; pipeline: Sharp }> {
  if (bytes.length === 0) throw new ImageRefused('empty');
  if (bytes.length > limits.maxBytes) {
    throw new ImageRefused('too_large', { bytes: bytes.length, maxBytes: limits.maxBytes });
  }
  const format = sniffFormat(bytes);
  if (format === undefined || !limits.formats.includes(format)) {
    throw new ImageRefused('unsupported_format', { accepted: limits.formats.join(',') });
  }
  // The header decides about size before any decoder is asked: a bomb is never opened.
  assertSides(readContainer(bytes, format), limits);
  const pipeline = sharp(bytes, {
    limitInputPixels: limits.maxSide * limits.maxSide,
    failOn: 'warning',
    sequentialRead: true,
  });
  const meta = await pipeline.metadata().catch((error: unknown) => {
    throw toRefusal(error);
  });
  if (meta.format !== format) throw new ImageRefused('corrupt', { where: 'header' });
  const { width, height } = meta.autoOrient;
  assertSides({ width, height }, limits);
  return { facts: { format, mime: MIME_OF_FORMAT[format], width, height, bytes: bytes.length }, pipeline };
}

function assertSides(sides: { width: number; height: number }, limits: ImageLimits): void {
  const { width, height } = sides;
  if (Math.max(width, height) > limits.maxSide) {
    throw new ImageRefused('too_many_pixels', { width, height, maxSide: limits.maxSide });
  }
  if (Math.min(width, height) < limits.minSide) {
    throw new ImageRefused('too_small', { width, height, minSide: limits.minSide });
  }
}

/** What a failed decode means for the uploader. */
export function toRefusal(error: unknown): ImageRefused {
  if (error instanceof ImageRefused) return error;
  const message = error instanceof Error ? error.message : String(error);
  const reason = /premature end|truncat|unexpected end|end of (file|stream|data)/i.test(message)
    ? 'truncated'
    : 'corrupt';
  return new ImageRefused(reason, {}, { cause: error });
}
