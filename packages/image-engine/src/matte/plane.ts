/** Width and height of a picture in pixels; every plane beside it holds width * height values, row by row. */
export type Size = { width: number; height: number };

export type Plane = Float32Array;

/** One byte a pixel, 0 or 1. */
export type Mask = Uint8Array;

export function areaOf(size: Size): number {
  return size.width * size.height;
}

export function countOnes(mask: Mask): number {
  let ones = 0;
  for (let i = 0; i < mask.length; i++) ones += mask[i] ?? 0;
  return ones;
}

export function invert(mask: Mask): Mask {
  const out = new Uint8Array(mask.length);
  for (let i = 0; i < out.length; i++) out[i] = mask[i] === 0 ? 1 : 0;
  return out;
}

/** Value below which `share` of the values lie; 0 for an empty list. The input is left alone. */
export function quantile(values: Float32Array, share: number): number {
  if (values.length === 0) return 0;
  const sorted = Float32Array.from(values).sort();
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0;
}
