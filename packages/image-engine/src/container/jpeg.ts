import { ImageRefused } from '../image-refused.ts';
import { type Ancillary, type Container, corrupt, isPadding, truncated, viewOf } from './outcome.ts';

const SOI = 0xd8;
const EOI = 0xd9;
const SOS = 0xda;
/** Start-of-frame markers; C4, C8 and CC are tables, not frames. */
const isFrame = (marker: number) => marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);
const isRestart = (marker: number) => marker >= 0xd0 && marker <= 0xd7;
const isText = (marker: number) => marker === 0xfe || (marker >= 0xe0 && marker <= 0xef);

/** Honest progressive files have about ten; each further scan of a large picture costs a second. */
const MAX_SCANS = 64;

type Walk = { end: number; width: number; height: number; ancillary: Ancillary[] };

/**
 * Walks the markers of a JPEG to its end. After the end only padding or further whole JPEGs may follow (phones append
 * previews and gain maps); anything else makes the file a polyglot.
 */
export function readJpeg(bytes: Uint8Array): Container {
  const first = walk(bytes, 0);
  const ancillary = [...first.ancillary];
  let { end } = first;
  while (end < bytes.length && !isPadding(bytes.subarray(end))) {
    if (bytes[end] !== 0xff || bytes[end + 1] !== SOI)
      throw new ImageRefused('polyglot', { trailingBytes: bytes.length - end });
    const next = walk(bytes, end);
    ancillary.push(...next.ancillary);
    end = next.end;
  }
  if (first.width === 0 || first.height === 0) throw corrupt('frame header');
  return { width: first.width, height: first.height, ancillary };
}

function walk(bytes: Uint8Array, start: number): Walk {
  const found: Walk = { end: 0, width: 0, height: 0, ancillary: [] };
  const view = viewOf(bytes);
  let at = start + 2;
  let scans = 0;
  for (;;) {
    while (bytes[at] === 0xff && bytes[at + 1] === 0xff) at++;
    if (at + 2 > bytes.length) throw truncated('marker');
    const marker = bytes[at + 1] ?? 0;
    if (bytes[at] !== 0xff || marker === 0) throw corrupt('marker');
    if (marker === EOI) return { ...found, end: at + 2 };
    if (at + 4 > bytes.length) throw truncated('segment');
    const length = view.getUint16(at + 2);
    if (length < 2) throw corrupt('segment');
    if (at + 2 + length > bytes.length) throw truncated('segment');
    if (isFrame(marker)) {
      found.height = view.getUint16(at + 5);
      found.width = view.getUint16(at + 7);
    }
    if (isText(marker)) found.ancillary.push(bytes.subarray(at + 4, at + 2 + length));
    at += 2 + length;
    if (marker === SOS) {
      scans++;
      if (scans > MAX_SCANS) throw new ImageRefused('corrupt', { where: 'scans', maxScans: MAX_SCANS });
      at = endOfScan(bytes, at);
    }
  }
}

/** Position of the marker that ends the entropy-coded data beginning at `at`. */
function endOfScan(bytes: Uint8Array, at: number): number {
  for (let next = bytes.indexOf(0xff, at); next !== -1; next = bytes.indexOf(0xff, next + 1)) {
    const marker = bytes[next + 1];
    if (marker === undefined) break;
    if (marker !== 0 && marker !== 0xff && !isRestart(marker)) return next;
  }
  throw truncated('scan');
}
