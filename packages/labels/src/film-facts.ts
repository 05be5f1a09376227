import { durationSeconds } from './label-video.ts';
import { LabelFailed } from './label-failed.ts';
import { readBoxes, type Box } from './mp4-box.ts';
import { asciiAt, viewOf } from './part.ts';
import { sniffMedia, splitMedia } from './picture-file.ts';
import type { Size } from './visible.ts';

/** As the index says: pixels, whole ms. */
export type FilmFacts = Size & { durationMs: number };

/** What our vendors and the labelling decode. */
const CODECS = ['avc1', 'avc3', 'hvc1', 'hev1', 'mp4v'];

/**
 * What an MP4 is, by its boxes alone: no decoder sees it. Throws LabelFailed for anything that is not a whole, unfragmented MP4
 * with exactly one picture track of a known codec, a length and media inside the file.
 */
export function filmFacts(bytes: Uint8Array): FilmFacts {
  const format = sniffMedia(bytes);
  if (format !== 'mp4') throw new LabelFailed('unsupported_format', format);
  splitMedia(bytes, format);
  const tops = readBoxes(bytes);
  const index = tops.find(({ type }) => type === 'moov');
  if (index === undefined || tops.every(({ type, body }) => type !== 'mdat' || body.length === 0))
    throw new LabelFailed('corrupt', 'no index or no media');
  const [picture, ...more] = readBoxes(index.body).filter((track) => track.type === 'trak' && isPicture(track));
  if (picture === undefined || more.length > 0) throw new LabelFailed('corrupt', 'picture tracks');
  const durationMs = Math.round(durationSeconds(bytes) * 1000);
  if (durationMs < 1 || samplesOf(picture) < 1) throw new LabelFailed('empty', 'no pictures');
  return { ...sizeOf(picture), durationMs };
}

function inside(box: Box, ...path: readonly string[]): Box {
  let found = box;
  for (const type of path) {
    const next = readBoxes(found.body).find((inner) => inner.type === type);
    if (next === undefined) throw new LabelFailed('corrupt', type);
    found = next;
  }
  return found;
}

function isPicture(track: Box): boolean {
  return asciiAt(inside(track, 'mdia', 'hdlr').body, 8, 4) === 'vide';
}

/** Of the coded pictures; swapped when the film is to be shown turned by a quarter. */
function sizeOf(track: Box): Size {
  const { body } = inside(track, 'mdia', 'minf', 'stbl', 'stsd');
  if (body.length < 44) throw new LabelFailed('corrupt', 'stsd');
  if (!CODECS.includes(asciiAt(body, 12, 4))) throw new LabelFailed('unsupported_format', 'codec');
  const view = viewOf(body);
  const [width, height] = [view.getUint16(40), view.getUint16(42)];
  if (width === 0 || height === 0) throw new LabelFailed('corrupt', 'stsd');
  return isTurned(track) ? { width: height, height: width } : { width, height };
}

/** The matrix of the track's header; a quarter turn has nothing on its diagonal. */
function isTurned(track: Box): boolean {
  const { body } = inside(track, 'tkhd');
  const at = body[0] === 1 ? 52 : 40;
  if (body.length < at + 36) throw new LabelFailed('corrupt', 'tkhd');
  return viewOf(body).getInt32(at) === 0;
}

function samplesOf(track: Box): number {
  const { body } = inside(track, 'mdia', 'minf', 'stbl', 'stsz');
  if (body.length < 12) throw new LabelFailed('corrupt', 'stsz');
  return viewOf(body).getUint32(8);
}
