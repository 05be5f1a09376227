/**
 * A piece of a file, in its order. `picture`: needed to show it. `record`: an XMP packet, or the AIGC key of a video.
 * `stray`: anything else, which no file of ours keeps.
 */
export type Part = { name: string; raw: Uint8Array } & (
  | { role: 'picture' | 'stray' }
  | { role: 'record'; text: string }
);

export function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

export function asciiAt(bytes: Uint8Array, at: number, length: number): string {
  return Buffer.from(bytes.subarray(at, at + length)).toString('latin1');
}
