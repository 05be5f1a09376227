import type { Transform, Transformed } from './engine-types.ts';
import { openImage } from './inspect.ts';
import { ENGINE_IMAGE_LIMITS } from './limits.ts';

const DEFAULT_QUALITY = 85;

/** Fits the picture inside the asked sides (never enlarged) and encodes it anew, without any metadata. */
export async function transform(bytes: Uint8Array, wanted: Transform): Promise<Transformed> {
  const { facts, pipeline } = await openImage(bytes, ENGINE_IMAGE_LIMITS);
  const format = wanted.format ?? facts.format;
  const quality = Math.round(Math.min(100, Math.max(1, wanted.quality ?? DEFAULT_QUALITY)));
  let image = pipeline.autoOrient().toColourspace('srgb');
  if (wanted.width !== undefined || wanted.height !== undefined) {
    const sides = {
      ...(wanted.width === undefined ? {} : { width: wanted.width }),
      ...(wanted.height === undefined ? {} : { height: wanted.height }),
    };
    image = image.resize({ ...sides, fit: 'inside', withoutEnlargement: true });
  }
  if (format === 'jpeg') image = image.flatten({ background: '#ffffff' }).jpeg({ quality });
  else if (format === 'png') image = image.png();
  else image = image.webp({ quality });
  const { data, info } = await image.toBuffer({ resolveWithObject: true });
  return { bytes: data, format, width: info.width, height: info.height };
}
