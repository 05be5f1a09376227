import sharp, { type Sharp } from 'sharp';
import { ImageRefused } from './image-refused.ts';
import { DEFAULT_IMAGE_LIMITS, type ImageFormat, type ImageLimits, MIME_OF_FORMAT } from './limits.ts';

/** Width and height in pixels, after EXIF rotation. */
export type ImageFacts = { format: ImageFormat; mime: string; width: number; height: number; bytes: number };

/** Judges by the bytes only (magic number, header, full decode under pixel limits), never by name or declared type. */
export async function inspectImage(bytes: Uint8Array, limits: ImageLimits = DEFAULT_IMAGE_LIMITS): Promise<ImageFacts> {
  const { facts, pipeline } = await openImage(bytes, limits);
  try {
    await pipeline.resize(8, 8, { fit: 'fill', fastShrinkOnLoad: false }).raw().toBuffer();
  } catch (error) {
    throw new ImageRefused('corrupt', {}, { cause: error });
  }
  return facts;
}

/** Checks everything but the pixels and gives a pipeline that may be decoded once. */
export async function openImage(
  bytes: Uint8Array,
  limits: ImageLimits,
): Promise<{ facts: ImageFacts; pipeline: Sharp }> {
  if (bytes.length === 0) throw new ImageRefused('empty');
  if (bytes.length > limits.maxBytes)
    throw new ImageRefused('too_large', { bytes: bytes.length, maxBytes: limits.maxBytes });
  const pipeline = sharp(bytes, { limitInputPixels: limits.maxSide * limits.maxSide, failOn: 'warning' });
  const meta = await pipeline.metadata().catch((error: unknown) => {
    throw new ImageRefused('unsupported_format', {}, { cause: error });
  });
  const format = limits.formats.find((each) => each === meta.format);
  if (format === undefined) throw new ImageRefused('unsupported_format');
  const { width, height } = meta.autoOrient;
  if (Math.min(width, height) < limits.minSide)
    throw new ImageRefused('too_small', { width, height, minSide: limits.minSide });
  if (Math.max(width, height) > limits.maxSide)
    throw new ImageRefused('too_many_pixels', { width, height, maxSide: limits.maxSide });
  return { facts: { format, mime: MIME_OF_FORMAT[format], width, height, bytes: bytes.length }, pipeline };
}

/** What a failed decode means for the uploader. */
export function toRefusal(error: unknown): ImageRefused {
  if (error instanceof ImageRefused) return error;
  return new ImageRefused('corrupt', {}, { cause: error });
}
