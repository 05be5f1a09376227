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
  for (let y = 0; y < height; y++) relaxRow(out, { width, row: y * width, beside: (y - 1) * width, step: 1 });
  for (let y = height - 1; y >= 0; y--) relaxRow(out, { width, row: y * width, beside: (y + 1) * width, step: -1 });
  return out;
}

/** Goes along a row, and brings down what a neighbour of the row beside it, or the pixel gone over before, is nearer by. */
function relaxRow(out: Plane, by: { width: number; row: number; beside: number; step: 1 | -1 }): void {
  const { width, row, beside, step } = by;
  const isInside = beside >= 0 && beside < out.length;
  const read = (x: number): number => (isInside && x >= 0 && x < width ? (out[beside + x] ?? FAR) : FAR);
  const first = step === 1 ? 0 : width - 1;
  let before = FAR;
  let across = FAR;
  let straight = read(first);
  for (let x = first; x >= 0 && x < width; x += step) {
    const ahead = read(x + step);
    let best = out[row + x] ?? FAR;
    if (best > 0) {
      best = Math.min(best, before + 1, straight + 1, across + DIAGONAL, ahead + DIAGONAL);
      out[row + x] = best;
      best = Math.fround(best);
    }
    before = best;
    across = straight;
    straight = ahead;
  }
}
