import type { Mask, Plane, Size } from './plane.ts';

const DIAGONAL = Math.SQRT2;
const FAR = 1e6;

/**
 * Distance in pixels from each pixel to the nearest one of `targets` (two-pass chamfer, at most 8 % too long).
 * What lies outside the picture is no target.
 */
export function distanceTo(targets: Mask, size: Size): Plane {
  const { width, height } = size;
  const out = new Float32Array(targets.length);
  for (let i = 0; i < out.length; i++) out[i] = targets[i] === 1 ? 0 : FAR;
  // The row gone over before, with a pixel that is far on either side of it.
  const beside = new Float32Array(width + 2).fill(FAR);
  for (let y = 0; y < height; y++) relax(out.subarray(y * width, (y + 1) * width), beside, 1);
  beside.fill(FAR);
  for (let y = height - 1; y >= 0; y--) relax(out.subarray(y * width, (y + 1) * width), beside, -1);
  return out;
}

/** Brings each pixel down to what it is over a neighbour in `beside`, or the one before it; leaves the row in `beside`. */
function relax(row: Plane, beside: Plane, step: 1 | -1): void {
  let before = FAR;
  let x = step === 1 ? 0 : row.length - 1;
  for (let left = row.length; left > 0; left--, x += step) {
    let best = row[x] ?? FAR;
    if (best > 0) {
      const straight = Math.min(before, beside[x + 1] ?? FAR) + 1;
      const across = Math.min(beside[x] ?? FAR, beside[x + 2] ?? FAR) + DIAGONAL;
      best = Math.fround(Math.min(best, straight, across));
      row[x] = best;
    }
    before = best;
  }
  beside.set(row, 1);
}
