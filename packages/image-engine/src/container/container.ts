import { ImageRefused } from '../image-refused.ts';
import type { ImageFormat } from '../limits.ts';
import { readJpeg } from './jpeg.ts';
import { asciiAt, type Container, viewOf } from './outcome.ts';
import { readPng } from './png.ts';
import { readWebp } from './webp.ts';

const READERS = { jpeg: readJpeg, png: readPng, webp: readWebp } satisfies Record<
  ImageFormat,
  (bytes: Uint8Array) => Container
>;

/** The format by its first bytes, whatever the name or the declared type say. */
export function sniffFormat(bytes: Uint8Array): ImageFormat | undefined {
  if (bytes[0] === 0xff && bytes[1] === 0xd8 && bytes[2] === 0xff) return 'jpeg';
  if (asciiAt(bytes, 0, 8) === '\x89PNG\r\n\x1a\n') return 'png';
  if (asciiAt(bytes, 0, 4) === 'RIFF' && asciiAt(bytes, 8, 4) === 'WEBP') return 'webp';
  return undefined;
}

/** Reads the structure of the file to its end; throws `ImageRefused` when it is cut, broken, or also something else. */
export function readContainer(bytes: Uint8Array, format: ImageFormat): Container {
  const container = READERS[format](bytes);
  const zip = findZipEnd(bytes);
  if (zip !== undefined) throw new ImageRefused('polyglot', { hidden: 'zip', at: zip });
  for (const part of container.ancillary) {
    const hidden = findMarkup(part);
    if (hidden !== undefined) throw new ImageRefused('polyglot', { hidden });
  }
  return container;
}

const ZIP_END = 0x06054b50;
const ZIP_END_BYTES = 22;
const MAX_ZIP_COMMENT = 65_535;

/** A zip is read from its end: where an end record fits exactly, an archiver would open the file. */
function findZipEnd(bytes: Uint8Array): number | undefined {
  const view = viewOf(bytes);
  const from = Math.max(0, bytes.length - ZIP_END_BYTES - MAX_ZIP_COMMENT);
  for (let at = bytes.length - ZIP_END_BYTES; at >= from; at--) {
    if (bytes[at] !== 0x50 || view.getUint32(at, true) !== ZIP_END) continue;
    if (at + ZIP_END_BYTES + view.getUint16(at + 20, true) <= bytes.length) return at;
  }
  return undefined;
}

/** What a browser, an interpreter or a viewer would run if it were handed the file under another type. */
const MARKUP = ['<!doctype html', '<html', '<head', '<body', '<script', '<iframe', '<svg', '<?php', '%pdf-'];

function findMarkup(part: Uint8Array): string | undefined {
  const text = Buffer.from(part.buffer, part.byteOffset, part.byteLength).toString('latin1').toLowerCase();
  return MARKUP.find((sign) => text.includes(sign));
}
