import { LabelFailed } from './label-failed.ts';
import { asciiAt, viewOf, type Part } from './part.ts';

const HEADER_BYTES = 12;
const VP8X_BYTES = 18;
const ANIMATION = 0x02;
const XMP = 0x04;
const ALPHA = 0x10;
const ICC = 0x20;

/** Chunks inside the RIFF size; what follows becomes one stray part. */
export function splitWebp(bytes: Uint8Array): Part[] {
  const view = viewOf(bytes);
  if (bytes.length < HEADER_BYTES + 8) throw new LabelFailed('truncated', 'RIFF');
  const end = 8 + view.getUint32(4, true);
  if (end > bytes.length) throw new LabelFailed('truncated', 'RIFF');
  const parts: Part[] = [];
  for (let at = HEADER_BYTES; at < end;) {
    if (at + 8 > end) throw new LabelFailed('truncated', 'chunk');
    const type = asciiAt(bytes, at, 4);
    const length = view.getUint32(at + 4, true);
    const next = at + 8 + length + (length % 2);
    if (at + 8 + length > end) throw new LabelFailed('truncated', type);
    if (type === 'ANIM' || type === 'ANMF') throw new LabelFailed('animated', 'webp');
    parts.push(chunk(type, bytes.subarray(at, Math.min(next, end)), length));
    at = next;
  }
  if (end < bytes.length) parts.push({ name: 'behind the picture', role: 'stray', raw: bytes.subarray(end) });
  return parts;
}

/** `size` in pixels: an extended header says it, and a file with metadata needs one. */
export function joinWebp(parts: readonly Part[], xmp: string, size: { width: number; height: number }): Uint8Array {
  const kept = parts.filter(({ role, name }) => role === 'picture' && name !== 'VP8X');
  const lossless = kept.find(({ name }) => name === 'VP8L')?.raw;
  // Bit 28 of a lossless header says that alpha is used.
  const hasAlpha =
    kept.some(({ name }) => name === 'ALPH') || (lossless !== undefined && ((lossless[12] ?? 0) & 0x10) !== 0);
  const header = Buffer.alloc(VP8X_BYTES);
  header.write('VP8X', 0, 'latin1');
  header.writeUInt32LE(10, 4);
  header.writeUInt8(XMP | (hasAlpha ? ALPHA : 0) | (kept.some(({ name }) => name === 'ICCP') ? ICC : 0), 8);
  header.writeUIntLE(size.width - 1, 12, 3);
  header.writeUIntLE(size.height - 1, 15, 3);
  const text = Buffer.from(xmp, 'utf8');
  const about = Buffer.alloc(8 + text.length + (text.length % 2));
  about.write('XMP ', 0, 'latin1');
  about.writeUInt32LE(text.length, 4);
  text.copy(about, 8);
  const body = [header, ...kept.map(({ raw }) => padded(raw)), about];
  const riff = Buffer.alloc(HEADER_BYTES);
  riff.write('RIFF', 0, 'latin1');
  riff.writeUInt32LE(4 + body.reduce((sum, { length }) => sum + length, 0), 4);
  riff.write('WEBP', 8, 'latin1');
  return Buffer.concat([riff, ...body]);
}

function chunk(type: string, raw: Uint8Array, length: number): Part {
  if (type === 'XMP ')
    return { name: 'XMP', role: 'record', raw, text: Buffer.from(raw.subarray(8, 8 + length)).toString('utf8') };
  if (type === 'VP8X' && ((raw[8] ?? 0) & ANIMATION) !== 0) throw new LabelFailed('animated', 'webp');
  const isPicture = ['VP8X', 'VP8 ', 'VP8L', 'ALPH', 'ICCP'].includes(type);
  return { name: type, role: isPicture ? 'picture' : 'stray', raw };
}

/** A file may leave out the last chunk's padding, which then stands in the middle of ours. */
function padded(raw: Uint8Array): Uint8Array {
  return raw.length % 2 === 0 ? raw : Buffer.concat([raw, Buffer.alloc(1)]);
}
