import { LabelFailed } from './label-failed.ts';
import { asciiAt, viewOf, type Part } from './part.ts';

const SOI = 0xd8;
const EOI = 0xd9;
const SOS = 0xda;
const APP0 = 0xe0;
const APP1 = 0xe1;
const APP2 = 0xe2;
const APP14 = 0xee;
const COM = 0xfe;
const XMP_HEADER = 'http://ns.adobe.com/xap/1.0/\0';

/** Segments and scans up to the end of the first picture; what follows it becomes one stray part. */
export function splitJpeg(bytes: Uint8Array): Part[] {
  const parts: Part[] = [{ name: 'SOI', role: 'picture', raw: bytes.subarray(0, 2) }];
  let at = 2;
  for (;;) {
    while (bytes[at] === 0xff && bytes[at + 1] === 0xff) at += 1;
    if (at + 2 > bytes.length) throw new LabelFailed('truncated', 'marker');
    const marker = bytes[at + 1] ?? 0;
    if (bytes[at] !== 0xff || marker === 0 || marker === SOI) throw new LabelFailed('corrupt', 'marker');
    if (marker === EOI) break;
    if (at + 4 > bytes.length) throw new LabelFailed('truncated', 'segment');
    const length = viewOf(bytes).getUint16(at + 2);
    const end = at + 2 + length;
    if (length < 2) throw new LabelFailed('corrupt', 'segment');
    if (end > bytes.length) throw new LabelFailed('truncated', 'segment');
    const next = marker === SOS ? endOfScan(bytes, end) : end;
    parts.push(segment(marker, bytes.subarray(at, next)));
    at = next;
  }
  parts.push({ name: 'EOI', role: 'picture', raw: bytes.subarray(at, at + 2) });
  if (at + 2 < bytes.length) parts.push({ name: 'behind the picture', role: 'stray', raw: bytes.subarray(at + 2) });
  return parts;
}

export function joinJpeg(parts: readonly Part[], xmp: string): Uint8Array {
  const body = Buffer.from(`${XMP_HEADER}${xmp}`, 'utf8');
  const header = Buffer.from([0xff, APP1, (body.length + 2) >>> 8, (body.length + 2) & 0xff]);
  const kept = parts.filter(({ role }) => role === 'picture').map(({ raw }) => raw);
  // JFIF, where there is one, must stay the first segment.
  const first = kept[1]?.[1] === APP0 ? 2 : 1;
  return Buffer.concat([...kept.slice(0, first), header, body, ...kept.slice(first)]);
}

function segment(marker: number, raw: Uint8Array): Part {
  const name = `segment ${marker.toString(16)}`;
  if (marker === APP1 && asciiAt(raw, 4, XMP_HEADER.length) === XMP_HEADER)
    return {
      name: 'XMP',
      role: 'record',
      raw,
      text: Buffer.from(raw.subarray(4 + XMP_HEADER.length)).toString('utf8'),
    };
  const isAbout = (marker >= APP0 && marker <= 0xef) || marker === COM;
  return { name, role: isAbout && !isNeeded(marker, raw) ? 'stray' : 'picture', raw };
}

/** JFIF without a thumbnail, the colour profile, and Adobe's note on how colours are stored. */
function isNeeded(marker: number, raw: Uint8Array): boolean {
  if (marker === APP0) return raw.length === 18 && asciiAt(raw, 4, 5) === 'JFIF\0';
  if (marker === APP2) return asciiAt(raw, 4, 12) === 'ICC_PROFILE\0';
  return marker === APP14 && raw.length === 16 && asciiAt(raw, 4, 5) === 'Adobe';
}

/** Where the marker after the entropy-coded data begins. */
function endOfScan(bytes: Uint8Array, at: number): number {
  for (let next = bytes.indexOf(0xff, at); next !== -1; next = bytes.indexOf(0xff, next + 1)) {
    const marker = bytes[next + 1];
    if (marker === undefined) break;
    const isRestart = marker >= 0xd0 && marker <= 0xd7;
    if (marker !== 0 && marker !== 0xff && !isRestart) return next;
  }
  throw new LabelFailed('truncated', 'scan');
}
