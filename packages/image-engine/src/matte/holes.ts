import { findRegions } from './components.ts';
import { distanceTo } from './distance.ts';
import { countOnes, invert, type Mask, type Plane, type Size } from './plane.ts';

/** A garment with more of its own surface near the ground's colour than this is left whole. */
const MAX_NEAR_GROUND_SHARE = 0.06;
/** Smallest hole in pixels, and the radius of the largest disc that must fit, at a long edge of 1024. */
const MIN_AREA = 60;
const MIN_INSCRIBED = 2.5;
/** How far outside the hole's rim the garment is looked for, and the share of that ring that must be garment. */
const RIM_DISTANCE = 4;
const MIN_RIM_SHARE = 0.85;

/** Regions inside the garment through which the ground shows (buckles, between straps). Gives a mask of them. */
export function findHoles(
  garment: Mask,
  seen: { passable: Mask; distance: Plane },
  by: { size: Size; scale: number; sigma: number },
): Mask {
  const { size, scale, sigma } = by;
  const holes = new Uint8Array(garment.length);
  const candidates = garment.map((inside, i) => (inside === 1 && seen.passable[i] === 1 ? 1 : 0));
  const room = distanceTo(invert(candidates), size);
  const accepted: Int32Array[] = [];
  let doubtful = 0;
  for (const region of findRegions(candidates, size)) {
    if (region.length < MIN_AREA * scale * scale) break;
    if (isHole(region, { room, ...seen }, by)) accepted.push(region);
    else doubtful += region.length;
  }
  const solid = countOnes(garment) - accepted.reduce((sum, region) => sum + region.length, 0);
  const near = doubtful + countNear(garment, candidates, seen.distance, 2 + 2 * sigma);
  if (near > MAX_NEAR_GROUND_SHARE * solid) return holes;
  for (const region of accepted) for (const i of region) holes[i] = 1;
  return holes;
}

function isHole(
  region: Int32Array,
  seen: { room: Plane; distance: Plane },
  by: { size: Size; scale: number; sigma: number },
): boolean {
  const { scale, sigma, size } = by;
  let inscribed = 0;
  let sum = 0;
  let squares = 0;
  for (const i of region) {
    const d = seen.distance[i] ?? 0;
    inscribed = Math.max(inscribed, seen.room[i] ?? 0);
    sum += d;
    squares += d * d;
  }
  if (inscribed < MIN_INSCRIBED * scale) return false;
  if (sum / region.length > 0.5 + 0.6 * sigma * 1.6) return false;
  if (Math.sqrt(squares / region.length) > 1.2 + 1.9 * sigma) return false;
  return (
    rimShare(region, seen.distance, {
      size,
      reach: Math.max(2, Math.round(RIM_DISTANCE * scale)),
      least: 4 + 4 * sigma,
    }) >= MIN_RIM_SHARE
  );
}

/** Of the points `reach` pixels outside the region, the share that is clearly not ground. */
function rimShare(region: Int32Array, distance: Plane, by: { size: Size; reach: number; least: number }): number {
  const { width, height } = by.size;
  const inside = new Set(region);
  let points = 0;
  let clear = 0;
  for (const i of region) {
    const x = i % width;
    const y = (i - x) / width;
    for (const [dx, dy] of [
      [1, 0],
      [-1, 0],
      [0, 1],
      [0, -1],
    ] as const) {
      if (inside.has(i + dx + dy * width)) continue;
      const px = x + dx * by.reach;
      const py = y + dy * by.reach;
      if (px < 0 || py < 0 || px >= width || py >= height) continue;
      const at = py * width + px;
      if (inside.has(at)) continue;
      points++;
      if ((distance[at] ?? 0) > by.least) clear++;
    }
  }
  return points === 0 ? 0 : clear / points;
}

function countNear(garment: Mask, candidates: Mask, distance: Plane, limit: number): number {
  let near = 0;
  for (let i = 0; i < garment.length; i++) {
    if (garment[i] === 1 && candidates[i] === 0 && (distance[i] ?? 0) < limit) near++;
  }
  return near;
}
