import { ImageRefused } from '../image-refused.ts';
import { type Ancillary, asciiAt, type Container, corrupt, isPadding, truncated, viewOf } from './outcome.ts';

const HEADER_BYTES = 12;
const ANIMATION_FLAG = 0x02;
const PICTURE_CHUNKS = new Set(['VP8 ', 'VP8L', 'VP8X', 'ALPH']);

/** Walks the chunks of a WebP; the RIFF size must agree with the file and only one picture may be inside. */
export function readWebp(bytes: Uint8Array): Container {
  const view = viewOf(bytes);
  if (bytes.length < HEADER_BYTES + 8) throw truncated('RIFF');
  const end = 8 + view.getUint32(4, true);
  if (end > bytes.length) throw truncated('RIFF');
  if (!isPadding(bytes.subarray(end))) throw new ImageRefused('polyglot', { trailingBytes: bytes.length - end });
  const ancillary: Ancillary[] = [];
  let size: { width: number; height: number } | undefined;
  for (let at = HEADER_BYTES; at + 8 <= end;) {
    const type = asciiAt(bytes, at, 4);
    const length = view.getUint32(at + 4, true);
    const body = at + 8;
    if (body + length > end) throw truncated(type);
    if (type === 'ANIM' || type === 'ANMF') throw new ImageRefused('animated', { format: 'webp' });
    if (type === 'VP8X' && ((bytes[body] ?? 0) & ANIMATION_FLAG) !== 0)
      throw new ImageRefused('animated', { format: 'webp' });
    const own = sizeOf(bytes, { type, body, length });
    size ??= own;
    if (!PICTURE_CHUNKS.has(type)) ancillary.push(bytes.subarray(body, body + length));
    at = body + length + (length % 2);
  }
  if (size === undefined || size.width === 0 || size.height === 0) throw corrupt('size');
  return { ...size, ancillary };
}

function sizeOf(
  bytes: Uint8Array,
  chunk: { type: string; body: number; length: number },
): { width: number; height: number } | undefined {
  const { type, body, length } = chunk;
  const view = viewOf(bytes);
  if (type === 'VP8X' && length >= 10) {
    return {
      width: (view.getUint32(body + 4, true) & 0xffffff) + 1,
      height: (view.getUint32(body + 6, true) >>> 8) + 1,
    };
  }
  if (type === 'VP8 ' && length >= 10) {
    return { width: view.getUint16(body + 6, true) & 0x3fff, height: view.getUint16(body + 8, true) & 0x3fff };
  }
  if (type === 'VP8L' && length >= 5) {
    const bits = view.getUint32(body + 1, true);
    return { width: (bits & 0x3fff) + 1, height: ((bits >>> 14) & 0x3fff) + 1 };
  }
  return undefined;
}
