import { crc32, inflateSync } from 'node:zlib';
import { LabelFailed } from './label-failed.ts';
import { asciiAt, viewOf, type Part } from './part.ts';

const SIGNATURE_BYTES = 8;
const PICTURE_CHUNKS = new Set([
  'IHDR',
  'PLTE',
  'IDAT',
  'IEND',
  'tRNS',
  'sRGB',
  'gAMA',
  'cHRM',
  'iCCP',
  'sBIT',
  'bKGD',
]);
const XMP_KEYWORD = 'XML:com.adobe.xmp\0';
/** An honest packet is a few kilobytes; a bomb is not opened. */
const MAX_TEXT_BYTES = 1 << 20;

/** Chunks with sound sums up to IEND; what follows it becomes one stray part. */
export function splitPng(bytes: Uint8Array): Part[] {
  const view = viewOf(bytes);
  const parts: Part[] = [{ name: 'signature', role: 'picture', raw: bytes.subarray(0, SIGNATURE_BYTES) }];
  for (let at = SIGNATURE_BYTES; ;) {
    if (at + 12 > bytes.length) throw new LabelFailed('truncated', 'chunk');
    const end = at + 12 + view.getUint32(at);
    const type = asciiAt(bytes, at + 4, 4);
    if (end > bytes.length) throw new LabelFailed('truncated', type);
    if (crc32(bytes.subarray(at + 4, end - 4)) !== view.getUint32(end - 4)) throw new LabelFailed('corrupt', type);
    if (type === 'acTL') throw new LabelFailed('animated', 'png');
    parts.push(chunk(type, bytes.subarray(at, end)));
    at = end;
    if (type !== 'IEND') continue;
    if (at < bytes.length) parts.push({ name: 'behind the picture', role: 'stray', raw: bytes.subarray(at) });
    return parts;
  }
}

export function joinPng(parts: readonly Part[], xmp: string): Uint8Array {
  // No compression, no language, no translated keyword.
  const body = Buffer.from(`iTXt${XMP_KEYWORD}\0\0\0\0${xmp}`, 'utf8');
  const itxt = Buffer.alloc(body.length + 8);
  itxt.writeUInt32BE(body.length - 4, 0);
  body.copy(itxt, 4);
  itxt.writeUInt32BE(crc32(body), body.length + 4);
  const kept = parts.filter(({ role }) => role === 'picture').map(({ raw }) => raw);
  return Buffer.concat([...kept.slice(0, 2), itxt, ...kept.slice(2)]);
}

function chunk(type: string, raw: Uint8Array): Part {
  if (type === 'iTXt' && asciiAt(raw, 8, XMP_KEYWORD.length) === XMP_KEYWORD) {
    const text = textOf(raw.subarray(8 + XMP_KEYWORD.length, raw.length - 4));
    if (text !== undefined) return { name: 'XMP', role: 'record', raw, text };
  }
  return { name: type, role: PICTURE_CHUNKS.has(type) ? 'picture' : 'stray', raw };
}

/** What stands behind the keyword: flag, method, language, translated keyword, text. */
function textOf(body: Uint8Array): string | undefined {
  const language = body.indexOf(0, 2);
  const keyword = language === -1 ? -1 : body.indexOf(0, language + 1);
  if (keyword === -1) return undefined;
  const text = body.subarray(keyword + 1);
  if (body[0] === 0) return Buffer.from(text).toString('utf8');
  try {
    return inflateSync(text, { maxOutputLength: MAX_TEXT_BYTES }).toString('utf8');
  } catch {
    return undefined;
  }
}
