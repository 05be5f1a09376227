import { createLocalMean, maskToPlane } from './blur.ts';
import { distanceTo } from './distance.ts';
import { localMax } from './local-max.ts';
import { areaOf, invert, type Mask, type Plane, type Size } from './plane.ts';

export type RgbPlanes = [Plane, Plane, Plane];

/** Colour (0-255) of the garment and of the ground around each pixel. */
export type LocalColours = { garment: RgbPlanes; ground: RgbPlanes };

/** Radius of the local means: near enough to follow a print, wide enough to bridge the mixed pixels. */
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
  const garmentMean = twoStageMean(sure, maskToPlane(seen.garment, size), size);
  const groundMean = twoStageMean(bare, maskToPlane(invert(seen.garment), size), size);
  const channel = (c: number): Plane => {
    const plane = new Float32Array(area);
    for (let i = 0; i < area; i++) plane[i] = rgb[i * 3 + c] ?? 0;
    return plane;
  };
  const [red, green, blue] = [channel(0), channel(1), channel(2)];
  return {
    garment: [garmentMean(red), garmentMean(green), garmentMean(blue)],
    ground: [groundMean(red), groundMean(green), groundMean(blue)],
  };
}

/** Mean of the pure pixels nearby; where there is none, of any pixel of that side a little farther off. */
function twoStageMean(pure: Plane, any: Plane, size: Size): (plane: Plane) => Plane {
  const near = createLocalMean(pure, size, RADIUS);
  const far = createLocalMean(any, size, RADIUS * 3);
  return (plane) => near(plane, far(plane, plane));
}
