import { boxBlur } from './blur.ts';
import { type Cells, divide, enlarge, sumCells, type Summed } from './cells.ts';
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
/** The means run on cells of this many pixels a side: half the radius is fine enough for them. */
const CELL = 2;
const MIN_WEIGHT = 1e-4;
/** For pixels too far from either side to be asked. */
const WHITE = 255;

/**
 * Local means of sure garment and of the ground as it really is beside the garment. Using the real ground, not the
 * fitted one, is what removes grey rims where a shadow touches.
 */
export function localColours(rgb: Uint8Array, seen: { garment: Mask; distance: Plane }, size: Size): LocalColours {
  const toGarment = distanceTo(seen.garment, size);
  const strongest = localMax(seen.distance, size, RADIUS);
  const area = areaOf(size);
  const sure = new Uint8Array(area);
  const bare = new Uint8Array(area);
  for (let i = 0; i < area; i++) {
    if (seen.garment[i] === 1) sure[i] = (seen.distance[i] ?? 0) > PURE_SHARE * (strongest[i] ?? 0) ? 1 : 0;
    else bare[i] = (toGarment[i] ?? 0) >= GROUND_GAP ? 1 : 0;
  }
  return {
    garment: localMeans(rgb, { pure: sure, any: seen.garment }, size),
    ground: localMeans(rgb, { pure: bare, any: invert(seen.garment) }, size),
  };
}

/** Mean of the pure pixels nearby; where there is none, of any pixel of that side a little farther off. */
function localMeans(rgb: Uint8Array, of: { pure: Mask; any: Mask }, full: Size): RgbPlanes {
  const cells = divide(full, CELL);
  const near = weightCells(cells, of.pure, RADIUS / CELL);
  const far = weightCells(cells, of.any, (RADIUS * 3) / CELL);
  const mean = (c: number): Plane => {
    const plane = new Float32Array(areaOf(cells.size));
    const nearby = near.sums(rgb, c);
    const around = far.sums(rgb, c);
    for (let i = 0; i < plane.length; i++) {
      const [n, f] = [near.norm[i] ?? 0, far.norm[i] ?? 0];
      if (n > MIN_WEIGHT) plane[i] = (nearby[i] ?? 0) / n;
      else plane[i] = f > MIN_WEIGHT ? (around[i] ?? 0) / f : WHITE;
    }
    return enlarge(cells, plane);
  };
  return [mean(0), mean(1), mean(2)];
}

type Weighting = { norm: Plane; sums: (rgb: Uint8Array, channel: number) => Plane };

function weightCells(cells: Cells, weight: Mask, radius: number): Weighting {
  const blurred = (summed: Summed) => boxBlur(sumCells(cells, summed, weight), cells.size, radius);
  return {
    norm: blurred({ values: weight }),
    sums: (rgb, channel) => blurred({ values: rgb, step: 3, from: channel }),
  };
}
