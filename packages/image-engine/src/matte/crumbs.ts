import { findRegions } from './components.ts';
import { distanceTo } from './distance.ts';
import { localMax } from './local-max.ts';
import { countOnes, type Mask, type Plane, type Size } from './plane.ts';

/** A pixel nearer to the ground than this (L units), and than this share of what is around it, is weak. */
const WEAK_DISTANCE = 7;
const WEAK_SHARE = 0.25;
const AROUND = 8;
/** Weak pixels this near to clear garment are its own soft edge. */
const EDGE_WIDTH = 2;
/** Larger weak regions are pale parts of the garment, not leavings: share of the garment. */
const MAX_REGION_SHARE = 0.002;
/** A separate region whose mean is nearer to the ground than this is the rest of a shadow, L units. */
const ISLAND_DISTANCE = 6;

/**
 * Takes off what hangs on the outline without being garment: blocks of JPEG colour bleed and the ends of shadows.
 * They are small, pale against the garment beside them, and stick out of it.
 */
export function dropCrumbs(garment: Mask, distance: Plane, size: Size): Mask {
  const around = localMax(distance, size, AROUND);
  const weak = garment.map((inside, i) => {
    const d = distance[i] ?? 0;
    return inside === 1 && d < WEAK_DISTANCE && d < WEAK_SHARE * (around[i] ?? 0) ? 1 : 0;
  });
  const core = garment.map((inside, i) => (inside === 1 && weak[i] === 0 ? 1 : 0));
  const toCore = distanceTo(core, size);
  const loose = weak.map((isWeak, i) => (isWeak === 1 && (toCore[i] ?? 0) > EDGE_WIDTH ? 1 : 0));
  const most = MAX_REGION_SHARE * countOnes(garment);
  const out = garment.slice();
  for (const region of findRegions(loose, size)) {
    if (region.length <= most && touchesOutside(region, garment, size)) for (const i of region) out[i] = 0;
  }
  return dropPaleIslands(out, distance, size);
}

function dropPaleIslands(garment: Mask, distance: Plane, size: Size): Mask {
  const [, ...islands] = findRegions(garment, size);
  for (const island of islands) {
    const sum = island.reduce((total, i) => total + (distance[i] ?? 0), 0);
    if (sum / island.length < ISLAND_DISTANCE) for (const i of island) garment[i] = 0;
  }
  return garment;
}

function touchesOutside(region: Int32Array, garment: Mask, size: Size): boolean {
  const { width } = size;
  return region.some((i) => {
    const x = i % width;
    return (
      (x > 0 && garment[i - 1] === 0) ||
      (x < width - 1 && garment[i + 1] === 0) ||
      garment[i - width] === 0 ||
      garment[i + width] === 0
    );
  });
}
