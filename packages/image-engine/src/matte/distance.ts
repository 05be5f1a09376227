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
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const i = y * width + x;
      if (targets[i] === 1) continue;
      let best = FAR;
      if (x > 0) best = Math.min(best, (out[i - 1] ?? FAR) + 1);
      if (y > 0) {
        best = Math.min(best, (out[i - width] ?? FAR) + 1);
        if (x > 0) best = Math.min(best, (out[i - width - 1] ?? FAR) + DIAGONAL);
        if (x < width - 1) best = Math.min(best, (out[i - width + 1] ?? FAR) + DIAGONAL);
      }
      out[i] = best;
    }
  }
  backwards(out, size);
  return out;
}

function backwards(out: Plane, size: Size): void {
  const { width, height } = size;
  for (let y = height - 1; y >= 0; y--) {
    for (let x = width - 1; x >= 0; x--) {
      const i = y * width + x;
      let best = out[i] ?? FAR;
      if (best === 0) continue;
      if (x < width - 1) best = Math.min(best, (out[i + 1] ?? FAR) + 1);
      if (y < height - 1) {
        best = Math.min(best, (out[i + width] ?? FAR) + 1);
        if (x < width - 1) best = Math.min(best, (out[i + width + 1] ?? FAR) + DIAGONAL);
        if (x > 0) best = Math.min(best, (out[i + width - 1] ?? FAR) + DIAGONAL);
      }
      out[i] = best;
    }
  }
}
