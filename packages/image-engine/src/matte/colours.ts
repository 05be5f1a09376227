import { maskToPlane, weightedBlur } from './blur.ts';
import { distanceTo } from './distance.ts';
import { localMax } from './local-max.ts';
import { areaOf, invert, type Mask, type Plane, type Size } from './plane.ts';

export type RgbPlanes = [Plane, Plane, Plane];

/** Colour (0-255) of the garment and of the ground around each pixel. */
export type LocalColours = { garment: RgbPlanes; ground: RgbPlanes };

/** Radius of the local means, run twice: near enough to follow a print, wide enough to bridge the mixed pixels. */
const RADIUS = 4;
/** Ground nearer to the garment than this is tinted by it and is not asked, pixels. */
const GROUND_GAP = 2;
/** Garment pixels must be this share of the strongest difference around to count as pure. */
const PURE_SHARE = 0.4;

/**
 * Local means of sure garment and of the ground as it really is beside the garment. Using the real ground, not the
 * fitted one, is what removes grey rims where a shadow touches.
 */
export function localColours(rgb: Uint8Array, seen: { garment: Mask; distance: Plane }, size: Size): LocalColours {
  const toGarment = distanceTo(seen.garment, size);
  const strongest = localMax(seen.distance, size, RADIUS);
  const area = areaOf(size);
  const sure = new Float32Array(area);
  const bare = new Float32Array(area);
  for (let i = 0; i < area; i++) {
    if (seen.garment[i] === 1) sure[i] = (seen.distance[i] ?? 0) > PURE_SHARE * (strongest[i] ?? 0) ? 1 : 0;
    else bare[i] = (toGarment[i] ?? 0) >= GROUND_GAP ? 1 : 0;
  }
  const anyGarment = maskToPlane(seen.garment, size);
  const anyGround = maskToPlane(invert(seen.garment), size);
  const mean = (channel: number, pure: Plane, any: Plane): Plane => {
    const plane = new Float32Array(area);
    for (let i = 0; i < area; i++) plane[i] = rgb[i * 3 + channel] ?? 0;
    const coarse = weightedBlur(plane, any, { size, radius: RADIUS * 3, fallback: plane });
    return weightedBlur(plane, pure, { size, radius: RADIUS, fallback: coarse });
  };
  return {
    garment: [mean(0, sure, anyGarment), mean(1, sure, anyGarment), mean(2, sure, anyGarment)],
    ground: [mean(0, bare, anyGround), mean(1, bare, anyGround), mean(2, bare, anyGround)],
  };
}
