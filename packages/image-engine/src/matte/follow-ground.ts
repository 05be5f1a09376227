import { boxBlur } from './blur.ts';
import { floodFromFrame } from './flood.ts';
import type { LabPlanes } from './lab.ts';
import { areaOf, type Mask, type Plane, type Size } from './plane.ts';
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
  const cells = { width: Math.ceil(size.width / CELL), height: Math.ceil(size.height / CELL) };
  const counts = new Float32Array(areaOf(cells));
  const cellOf = (i: number) => {
    const x = i % size.width;
    return Math.floor((i - x) / size.width / CELL) * cells.width + Math.floor(x / CELL);
  };
  for (let i = 0; i < where.length; i++) {
    if (where[i] === 1) counts[cellOf(i)] = (counts[cellOf(i)] ?? 0) + 1;
  }
  const norm = boxBlur(counts, cells, radius);
  return (seen, model) => {
    const sums = new Float32Array(counts.length);
    for (let i = 0; i < where.length; i++) {
      if (where[i] === 1) sums[cellOf(i)] = (sums[cellOf(i)] ?? 0) + (seen[i] ?? 0) - (model[i] ?? 0);
    }
    const low = boxBlur(sums, cells, radius);
    for (let i = 0; i < low.length; i++) {
      const n = norm[i] ?? 0;
      low[i] = n > MIN_WEIGHT ? (low[i] ?? 0) / n : 0;
    }
    return addEnlarged(model, low, { size, cells });
  };
}

/** Adds a plane of cells to a full one, bilinearly. */
function addEnlarged(model: Plane, low: Plane, by: { size: Size; cells: Size }): Plane {
  const { size, cells } = by;
  const out = new Float32Array(model.length);
  for (let y = 0; y < size.height; y++) {
    const v = Math.min(cells.height - 1, Math.max(0, (y + 0.5) / CELL - 0.5));
    const top = Math.floor(v) * cells.width;
    const below = Math.floor(v) < cells.height - 1 ? cells.width : 0;
    const fy = v - Math.floor(v);
    for (let x = 0; x < size.width; x++) {
      const u = Math.min(cells.width - 1, Math.max(0, (x + 0.5) / CELL - 0.5));
      const left = Math.floor(u);
      const right = left < cells.width - 1 ? 1 : 0;
      const at = top + left;
      const fx = u - left;
      const upper = (low[at] ?? 0) * (1 - fx) + (low[at + right] ?? 0) * fx;
      const lower = (low[at + below] ?? 0) * (1 - fx) + (low[at + below + right] ?? 0) * fx;
      const i = y * size.width + x;
      out[i] = (model[i] ?? 0) + upper * (1 - fy) + lower * fy;
    }
  }
  return out;
}
