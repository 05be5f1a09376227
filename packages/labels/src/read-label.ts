import sharp from 'sharp';
import { findVisible } from './find-visible.ts';
import { LabelFailed } from './label-failed.ts';
import { MAX_PIXELS } from './label-picture.ts';
import { recordOf, sniffMedia, splitMedia, type MediaFormat } from './picture-file.ts';
import type { AigcRecord } from './record.ts';
import type { Corner } from './visible.ts';

export type ReadMark = {
  format: MediaFormat;
  /** The file's only record, written as we write it. Undefined without one, with two, or with anything else said beside it. */
  record: AigcRecord | undefined;
  /** Where the visible label stands. */
  visible: Corner | undefined;
  /** Names of the pieces that are neither picture nor our record. */
  strays: string[];
};

/** What a picture says about itself, read from its bytes alone. Throws LabelFailed for one that can not be read. */
export async function readLabel(bytes: Uint8Array): Promise<ReadMark> {
  const mark = readRecord(bytes);
  if (mark.format === 'mp4') throw new LabelFailed('unsupported_format', 'a video');
  try {
    const { width, height } = await sharp(bytes, { limitInputPixels: MAX_PIXELS, failOn: 'warning' }).metadata();
    return { ...mark, visible: await findVisible(bytes, { width, height }) };
  } catch (error) {
    if (error instanceof LabelFailed) throw error;
    throw new LabelFailed('corrupt', 'picture', { cause: error });
  }
}

/** What the container says, of pictures and videos. */
export function readRecord(bytes: Uint8Array): Omit<ReadMark, 'visible'> {
  const format = sniffMedia(bytes);
  const parts = splitMedia(bytes, format);
  const records = parts.flatMap((part) => (part.role === 'record' ? [recordOf(part.text, format)] : []));
  const strays = parts.filter(({ role }) => role === 'stray').map(({ name }) => name);
  const foreign = records.filter((record) => record === undefined).map(() => 'XMP');
  const record = records.length === 1 ? records[0] : undefined;
  return { format, record, strays: [...strays, ...foreign] };
}
