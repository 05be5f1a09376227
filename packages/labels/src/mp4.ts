import { LabelFailed } from './label-failed.ts';
import { box, readBoxes, uint32, type Box } from './mp4-box.ts';
import { viewOf, type Part } from './part.ts';

/** What of each box a player needs; the rest carries texts and is dropped. */
const KEPT: Readonly<Record<string, readonly string[]>> = {
  moov: ['mvhd', 'iods', 'trak'],
  trak: ['tkhd', 'edts', 'tref', 'mdia'],
  mdia: ['mdhd', 'hdlr', 'minf'],
  minf: ['vmhd', 'smhd', 'nmhd', 'hmhd', 'dinf', 'stbl', 'hdlr'],
};
const FRAGMENTED = ['moof', 'mfra', 'styp', 'sidx', 'mvex'];
/** Fixed fields of a handler before its name, which is a text. */
const HANDLER_BYTES = 24;
const AIGC_KEY = Buffer.from('AIGC', 'latin1');
const UTF8_TEXT = 1;

/** The file's boxes, those of its index one by one. */
export function splitMp4(bytes: Uint8Array): Part[] {
  return topBoxes(bytes).flatMap((top) => {
    if (top.type !== 'moov') return [partOf(top, ['ftyp', 'mdat'])];
    return readBoxes(top.body).map((inner) => indexPart(inner));
  });
}

/** The same tracks with the record under the key AIGC, as ffmpeg writes its metadata tags, and no other metadata. */
export function joinMp4(bytes: Uint8Array, json: string): Uint8Array {
  const tops = topBoxes(bytes);
  const brands = tops.filter(({ type }) => type === 'ftyp').map(({ raw }) => raw);
  const index = tops.find(({ type }) => type === 'moov');
  const media = tops.filter(({ type }) => type === 'mdat');
  if (index === undefined || media.length === 0) throw new LabelFailed('corrupt', 'no index or no media');
  const kept = box('moov', cleaned(index), tagsOf(json));
  let at = kept.length + brands.reduce((sum, { length }) => sum + length, 0);
  const moves = media.map((old) => {
    const move = { from: old.at, end: old.at + old.raw.length, by: at - old.at };
    at += old.raw.length;
    return move;
  });
  moveOffsets(kept.subarray(8), moves);
  return Buffer.concat([...brands, kept, ...media.map(({ raw }) => raw)]);
}

function topBoxes(bytes: Uint8Array): Box[] {
  const tops = readBoxes(bytes);
  const fragment = tops.find(({ type }) => FRAGMENTED.includes(type));
  if (fragment !== undefined) throw new LabelFailed('unsupported_layout', fragment.type);
  return tops;
}

/** The bytes of the boxes inside that are kept, in their order. */
function cleaned(parent: Box): Buffer {
  const kept = KEPT[parent.type] ?? [];
  const inside = readBoxes(parent.body).flatMap((inner) => {
    if (FRAGMENTED.includes(inner.type)) throw new LabelFailed('unsupported_layout', inner.type);
    if (!kept.includes(inner.type)) return [];
    if (inner.type === 'hdlr') return [box('hdlr', inner.body.subarray(0, HANDLER_BYTES), Buffer.alloc(1))];
    return [inner.type in KEPT ? box(inner.type, cleaned(inner)) : inner.raw];
  });
  return Buffer.concat(inside);
}

function tagsOf(json: string): Buffer {
  const handler = box('hdlr', uint32(0, 0), Buffer.from('mdta', 'latin1'), Buffer.alloc(13));
  const keys = box('keys', uint32(0, 1), uint32(8 + AIGC_KEY.length), Buffer.from('mdta', 'latin1'), AIGC_KEY);
  const value = box('data', uint32(UTF8_TEXT, 0), Buffer.from(json, 'utf8'));
  const list = box('ilst', uint32(8 + value.length, 1), value);
  return box('udta', box('meta', uint32(0), handler, keys, list));
}

type Move = { from: number; end: number; by: number };

/** Chunks are found by their place in the file. */
function moveOffsets(boxes: Uint8Array, moves: readonly Move[]): void {
  for (const { type, body } of readBoxes(boxes)) {
    if (type in KEPT || type === 'stbl') moveOffsets(body, moves);
    if (type !== 'stco' && type !== 'co64') continue;
    const view = viewOf(body);
    const width = type === 'stco' ? 4 : 8;
    const count = body.length < 8 ? -1 : view.getUint32(4);
    if (count < 0 || body.length !== 8 + count * width) throw new LabelFailed('corrupt', type);
    for (let i = 0, at = 8; i < count; i++, at += width) {
      const old = width === 4 ? view.getUint32(at) : Number(view.getBigUint64(at));
      const move = moves.find(({ from, end }) => old >= from && old < end);
      if (move === undefined) throw new LabelFailed('corrupt', 'a chunk outside the media');
      const moved = old + move.by;
      if (width === 8) view.setBigUint64(at, BigInt(moved));
      else if (moved <= 0xffff_ffff) view.setUint32(at, moved);
      else throw new LabelFailed('unsupported_layout', 'beyond 4 GB');
    }
  }
}

function partOf({ type, raw }: Box, kept: readonly string[]): Part {
  return { name: type, role: kept.includes(type) ? 'picture' : 'stray', raw };
}

/** Tags count as a record only when they are exactly as we write them. */
function indexPart(inner: Box): Part {
  if (inner.type !== 'udta') {
    const hasStrays = inner.type === 'trak' && !cleaned(inner).equals(inner.body);
    return partOf(inner, hasStrays ? [] : (KEPT['moov'] ?? []));
  }
  const text = Buffer.from(inner.raw.subarray(tagsOf('').length)).toString('utf8');
  return tagsOf(text).equals(inner.raw)
    ? { name: 'AIGC', role: 'record', raw: inner.raw, text }
    : { name: 'udta', role: 'stray', raw: inner.raw };
}
