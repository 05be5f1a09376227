import type { LabPlanes } from './lab.ts';
import type { Mask, Plane, Size } from './plane.ts';
import type { Residual } from './residual.ts';

/** A contact shadow is darker than its ground by at most this, L units. */
const MAX_DARKER = 30;
/** Once darker than this, a shadow may only go on darkening towards the garment, L units. */
const MONOTONE_FROM = 10;
/** Slack of the monotone rule for noise, L units. */
const MONOTONE_SLACK = 0.15;
/** A shadow reaches at most this share of the long edge. */
const MAX_REACH_SHARE = 0.12;

/**
 * Grows the ground through its own contact shadow: neutral, smooth, darker pixels. A garment's edge is a step, so the
 * limit on the slope stops the growth there. Gives the ground with the shadow.
 */
export function growThroughShadow(
  ground: Mask,
  seen: { lab: LabPlanes; residual: Residual },
  by: { size: Size; scale: number; sigma: number },
): Mask {
  const { size, scale, sigma } = by;
  const { residual } = seen;
  const { width } = size;
  const maxLighter = 1 + 2 * sigma;
  const maxChroma = 2 + 2 * sigma;
  const maxSlope = Math.max(1.2 / scale, 3 * sigma);
  const slope = slopeOf(seen.lab.l, size);
  const reach = Math.round(MAX_REACH_SHARE * Math.max(width, size.height));
  const out = ground.slice();
  let front = edgeOf(ground, size);
  for (let step = 0; step < reach && front.length > 0; step++) {
    const next: number[] = [];
    for (const from of front) {
      const x = from % width;
      const fromL = residual.l[from] ?? 0;
      for (const i of [x > 0 ? from - 1 : -1, x < width - 1 ? from + 1 : -1, from - width, from + width]) {
        if (i < 0 || i >= out.length || out[i] === 1) continue;
        const l = residual.l[i] ?? 0;
        if (l > maxLighter || l < -MAX_DARKER || (residual.c[i] ?? 0) > maxChroma || (slope[i] ?? 0) > maxSlope)
          continue;
        if (l < -MONOTONE_FROM && l > fromL + MONOTONE_SLACK) continue;
        out[i] = 1;
        next.push(i);
      }
    }
    front = next;
  }
  return out;
}

/** Largest lightness step to a neighbour across or down, L units a pixel. */
function slopeOf(l: Plane, size: Size): Plane {
  const { width, height } = size;
  const out = new Float32Array(l.length);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const i = y * width + x;
      const across = (l[x < width - 1 ? i + 1 : i] ?? 0) - (l[x > 0 ? i - 1 : i] ?? 0);
      const down = (l[y < height - 1 ? i + width : i] ?? 0) - (l[y > 0 ? i - width : i] ?? 0);
      out[i] = Math.hypot(across, down) / 2;
    }
  }
  return out;
}

function edgeOf(mask: Mask, size: Size): number[] {
  const { width } = size;
  const edge: number[] = [];
  for (let i = 0; i < mask.length; i++) {
    if (mask[i] === 0) continue;
    const x = i % width;
    const open =
      (x > 0 && mask[i - 1] === 0) ||
      (x < width - 1 && mask[i + 1] === 0) ||
      mask[i - width] === 0 ||
      mask[i + width] === 0;
    if (open) edge.push(i);
  }
  return edge;
}
