import { crc32 } from 'node:zlib';
import { ImageRefused } from '../image-refused.ts';
import { type Ancillary, asciiAt, type Container, corrupt, isPadding, truncated, viewOf } from './outcome.ts';

const SIGNATURE_BYTES = 8;
const PICTURE_CHUNKS = new Set(['IHDR', 'PLTE', 'IDAT', 'IEND', 'tRNS']);

/** Walks the chunks of a PNG, checking their sums, to IEND; nothing but padding may follow it. */
export function readPng(bytes: Uint8Array): Container {
  const view = viewOf(bytes);
  const ancillary: Ancillary[] = [];
  let at = SIGNATURE_BYTES;
  let width = 0;
  let height = 0;
  for (;;) {
    if (at + 12 > bytes.length) throw truncated('chunk');
    const length = view.getUint32(at);
    const type = asciiAt(bytes, at + 4, 4);
    const end = at + 12 + length;
    if (!/^[A-Za-z]{4}$/.test(type)) throw corrupt('chunk');
    if (end > bytes.length) throw truncated(type);
    if (crc32(bytes.subarray(at + 4, end - 4)) !== view.getUint32(end - 4)) throw corrupt(type);
    if (type === 'acTL') throw new ImageRefused('animated', { format: 'png' });
    if (type === 'IHDR') {
      if (length !== 13 || at !== SIGNATURE_BYTES) throw corrupt(type);
      width = view.getUint32(at + 8);
      height = view.getUint32(at + 12);
    }
    if (!PICTURE_CHUNKS.has(type)) ancillary.push(bytes.subarray(at + 8, end - 4));
    at = end;
    if (type === 'IEND') break;
  }
  if (!isPadding(bytes.subarray(at))) throw new ImageRefused('polyglot', { trailingBytes: bytes.length - at });
  if (width === 0 || height === 0) throw corrupt('IHDR');
  return { width, height, ancillary };
}
