import { boxBlur } from './blur.ts';
import { divide, enlarge, sumCells } from './cells.ts';
import { floodFromFrame } from './flood.ts';
import type { LabPlanes } from './lab.ts';
import { type Mask, type Plane, type Size } from './plane.ts';
import { findPassable, residualTo } from './residual.ts';

const ROUNDS = 4;
/** Radius of the low-pass in pixels at a long edge of 1024: wide against paper grain, narrow against a vignette. */
const RADIUS = 24;
/** The low-pass runs on cells of this many pixels a side: it holds nothing finer, and costs a sixteenth. */
const CELL = 4;
/** Share of a window that must be ground before its mean is believed. */
const MIN_WEIGHT = 1e-4;

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
  const radius = Math.max(1, Math.round((RADIUS * by.scale) / CELL));
  let current = field;
  for (let round = 0; round < ROUNDS; round++) {
    const passable = findPassable(residualTo(lab, current), size, by);
    const flooded = floodFromFrame(passable, size, by.ballRadius);
    const bend = createBend(flooded, size, radius);
    current = { l: bend(lab.l, current.l), a: bend(lab.a, current.a), b: bend(lab.b, current.b) };
  }
  return current;
}

/** Gives the model plus the low-passed difference to what is seen, asked where `where` is 1. */
function createBend(where: Mask, size: Size, radius: number): (seen: Plane, model: Plane) => Plane {
  const cells = divide(size, CELL);
  const norm = boxBlur(sumCells(cells, { values: where }, where), cells.size, radius);
  return (seen, model) => {
    const off = new Float32Array(seen.length);
    for (let i = 0; i < off.length; i++) off[i] = (seen[i] ?? 0) - (model[i] ?? 0);
    const low = boxBlur(sumCells(cells, { values: off }, where), cells.size, radius);
    for (let i = 0; i < low.length; i++) {
      const n = norm[i] ?? 0;
      low[i] = n > MIN_WEIGHT ? (low[i] ?? 0) / n : 0;
    }
    const bent = enlarge(cells, low);
    for (let i = 0; i < bent.length; i++) bent[i] = (bent[i] ?? 0) + (model[i] ?? 0);
    return bent;
  };
}
