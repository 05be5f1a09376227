import { LabelFailed } from './label-failed.ts';
import { asciiAt, viewOf } from './part.ts';

export type Box = { type: string; at: number; raw: Uint8Array; body: Uint8Array };

const HEADER_BYTES = 8;
const LARGE_HEADER_BYTES = 16;

/** The boxes one after the other; they must fill the bytes. */
export function readBoxes(bytes: Uint8Array): Box[] {
  const boxes: Box[] = [];
  const view = viewOf(bytes);
  for (let at = 0; at < bytes.length;) {
    if (at + HEADER_BYTES > bytes.length) throw new LabelFailed('truncated', 'box');
    const type = asciiAt(bytes, at + 4, 4);
    const told = view.getUint32(at);
    const isLarge = told === 1;
    if (isLarge && at + LARGE_HEADER_BYTES > bytes.length) throw new LabelFailed('truncated', type);
    const size = told === 0 ? bytes.length - at : isLarge ? Number(view.getBigUint64(at + 8)) : told;
    const header = isLarge ? LARGE_HEADER_BYTES : HEADER_BYTES;
    if (size < header) throw new LabelFailed('corrupt', type);
    if (at + size > bytes.length) throw new LabelFailed('truncated', type);
    boxes.push({ type, at, raw: bytes.subarray(at, at + size), body: bytes.subarray(at + header, at + size) });
    at += size;
  }
  return boxes;
}

export function box(type: string, ...parts: readonly Uint8Array[]): Buffer {
  const header = Buffer.alloc(HEADER_BYTES);
  header.writeUInt32BE(HEADER_BYTES + parts.reduce((sum, { length }) => sum + length, 0), 0);
  header.write(type, 4, 'latin1');
  return Buffer.concat([header, ...parts]);
}

export function uint32(...values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(4 * values.length);
  for (const [i, value] of values.entries()) bytes.writeUInt32BE(value, 4 * i);
  return bytes;
}
