import { ImageRefused } from '../image-refused.ts';

/** Bytes of the file that hold text or data beside the picture, where another format could hide. */
export type Ancillary = Uint8Array;

/** What the structure of the file says: size before rotation, and the parts that are not picture. */
export type Container = { width: number; height: number; ancillary: Ancillary[] };

export function truncated(where: string): ImageRefused {
  return new ImageRefused('truncated', { where });
}

export function corrupt(where: string): ImageRefused {
  return new ImageRefused('corrupt', { where });
}

export function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

export function asciiAt(bytes: Uint8Array, at: number, length: number): string {
  return String.fromCharCode(...bytes.subarray(at, at + length));
}

/** Padding some cameras and editors leave after the picture. */
export function isPadding(bytes: Uint8Array): boolean {
  return bytes.every((byte) => byte === 0);
}
