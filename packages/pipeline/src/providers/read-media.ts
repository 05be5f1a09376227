import { filmFacts } from '@yunshang/labels';
import sharp from 'sharp';
import { ProviderFailure, type ProducedFile } from './provider.ts';

export type MediaKind = 'image' | 'video' | 'text';
/** What a result may weigh. */
export const MAX_MEDIA_BYTES = { image: 50_000_000, video: 300_000_000, text: 1_000_000 } as const;
const MAX_PIXELS = 100_000_000;
const IMAGE_TYPES: Readonly<Record<string, string>> = { jpeg: 'image/jpeg', png: 'image/png', webp: 'image/webp' };

/** What the bytes really are, whatever they were called. A picture is decoded whole; of a film the index is read. */
export async function readMedia(kind: MediaKind, bytes: Buffer): Promise<ProducedFile> {
  if (bytes.length === 0) throw new ProviderFailure('vendor', 'result_empty');
  if (kind === 'image') return readImage(bytes);
  if (kind === 'video') {
    return readFilm(bytes);
  }
  return { bytes, contentType: 'text/plain; charset=utf-8', width: null, height: null };
}

function readFilm(bytes: Buffer): ProducedFile {
  try {
    return { bytes, contentType: 'video/mp4', ...filmFacts(bytes) };
  } catch (error) {
    throw new ProviderFailure('vendor', 'result_corrupt', { cause: error });
  }
}

async function readImage(bytes: Buffer): Promise<ProducedFile> {
  const image = sharp(bytes, { failOn: 'warning', limitInputPixels: MAX_PIXELS });
  try {
    const { format, width, height } = await image.metadata();
    const contentType = IMAGE_TYPES[format];
    if (contentType === undefined) throw new Error(`a picture of type ${format}`);
    await image.stats();
    return { bytes, contentType, width, height };
  } catch (error) {
    throw new ProviderFailure('vendor', 'result_corrupt', { cause: error });
  }
}
