import { maskToPlane, weightedBlur } from './blur.ts';
import { floodFromFrame } from './flood.ts';
import type { LabPlanes } from './lab.ts';
import type { Plane, Size } from './plane.ts';
import { findPassable, residualTo } from './residual.ts';

const ROUNDS = 4;
/** Radius of the low-pass in pixels at a long edge of 1024: wide against paper grain, narrow against a vignette. */
const RADIUS = 24;

/**
 * Bends the fitted ground to what is really there (vignettes, folds of paper): a few times, adds the low-passed
 * difference over the pixels that count as ground so far.
 */
export function followGround(
  lab: LabPlanes,
  field: LabPlanes,
  by: { size: Size; scale: number; tolerance: number; ballRadius: number; jpegScale: number },
): LabPlanes {
  const { size } = by;
  const radius = Math.max(4, Math.round(RADIUS * by.scale));
  const nothing = new Float32Array(lab.l.length);
  let current = field;
  for (let round = 0; round < ROUNDS; round++) {
    const passable = findPassable(residualTo(lab, current), size, by);
    const weight = maskToPlane(floodFromFrame(passable, size, by.ballRadius), size);
    const bend = (seen: Plane, model: Plane): Plane => {
      const difference = seen.map((value, i) => value - (model[i] ?? 0));
      const smooth = weightedBlur(difference, weight, { size, radius, fallback: nothing });
      return model.map((value, i) => value + (smooth[i] ?? 0));
    };
    current = { l: bend(lab.l, current.l), a: bend(lab.a, current.a), b: bend(lab.b, current.b) };
  }
  return current;
}
