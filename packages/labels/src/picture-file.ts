import { joinJpeg, splitJpeg } from './jpeg.ts';
import { LabelFailed } from './label-failed.ts';
import { joinMp4, splitMp4 } from './mp4.ts';
import { asciiAt, type Part } from './part.ts';
import { joinPng, splitPng } from './png.ts';
import { recordOfJson, recordToJson, type AigcRecord } from './record.ts';
import type { Size } from './visible.ts';
import { joinWebp, splitWebp } from './webp.ts';
import { recordOfXmp, xmpOf } from './xmp.ts';

export type MediaFormat = 'jpeg' | 'png' | 'webp' | 'mp4';

/** By the first bytes; throws unsupported_format. */
export function sniffMedia(bytes: Uint8Array): MediaFormat {
  if (bytes[0] === 0xff && bytes[1] === 0xd8 && bytes[2] === 0xff) return 'jpeg';
  if (asciiAt(bytes, 0, 8) === '\x89PNG\r\n\x1a\n') return 'png';
  if (asciiAt(bytes, 0, 4) === 'RIFF' && asciiAt(bytes, 8, 4) === 'WEBP') return 'webp';
  if (asciiAt(bytes, 4, 4) === 'ftyp') return 'mp4';
  throw new LabelFailed('unsupported_format', asciiAt(bytes, 0, 4));
}

type File = { bytes: Uint8Array; format: MediaFormat; size: Size };

const FORMATS: Record<
  MediaFormat,
  { split(bytes: Uint8Array): Part[]; join(file: File, record: AigcRecord): Uint8Array }
> = {
  jpeg: { split: splitJpeg, join: ({ bytes }, record) => joinJpeg(splitJpeg(bytes), xmpOf(record)) },
  png: { split: splitPng, join: ({ bytes }, record) => joinPng(splitPng(bytes), xmpOf(record)) },
  webp: { split: splitWebp, join: ({ bytes, size }, record) => joinWebp(splitWebp(bytes), xmpOf(record), size) },
  mp4: { split: splitMp4, join: ({ bytes }, record) => joinMp4(bytes, recordToJson(record)) },
};

/** Every piece of the file; throws LabelFailed for one that is cut off or damaged. */
export function splitMedia(bytes: Uint8Array, format: MediaFormat): Part[] {
  return FORMATS[format].split(bytes);
}

/** The record is the file's only metadata afterwards, apart from its colour profile; no pixel is touched. */
export function writeRecord(file: File, record: AigcRecord): Buffer {
  const written = FORMATS[file.format].join(file, record);
  return Buffer.from(written.buffer, written.byteOffset, written.byteLength);
}

/** Undefined for a packet or key that is not exactly as we write them. */
export function recordOf(text: string, format: MediaFormat): AigcRecord | undefined {
  if (format !== 'mp4') return recordOfXmp(text);
  const record = recordOfJson(text);
  return record !== undefined && recordToJson(record) === text ? record : undefined;
}
