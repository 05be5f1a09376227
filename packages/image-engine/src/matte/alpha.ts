import type { LocalColours } from './colours.ts';
import { distanceTo } from './distance.ts';
import { invert, type Mask, type Plane, type Size } from './plane.ts';
import type { OutlineEvidence } from './verdict.ts';

/** Half width of the band around the outline that may be half transparent, pixels of the mask. */
const BAND = 2.5;
/** Between these contrasts (levels) the edge passes from geometry alone to colour alone. */
const GEOMETRY_BELOW = 12;
const COLOUR_ABOVE = 40;
const PROJECTION_FLOOR = 0.04;
const PROJECTION_SPAN = 0.9;
/** Below this alpha a pixel's own colour is noise and the garment's local mean takes over. */
const OWN_COLOUR_FROM = 0.7;

export type Matte = { rgba: Buffer; outline: OutlineEvidence };

type Picture = { rgb: Uint8Array; size: Size };

/**
 * Alpha and clean colours at the picture's full size from a mask that may be smaller: away from the outline the mask
 * decides, in the band the pixel's place on the line from ground to garment does.
 */
export function matte(full: Picture, mask: { garment: Mask; size: Size; colours: LocalColours }): Matte {
  const { width, height } = full.size;
  const rgba = Buffer.alloc(width * height * 4, 255);
  const depth = signedDepth(mask.garment, mask.size);
  const sampler = createSampler(full.size, mask.size);
  let bandPixels = 0;
  let lowContrast = 0;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const i = y * width + x;
      sampler.moveTo(x, y);
      const inside = sampler.read(depth);
      if (inside >= BAND) {
        for (let c = 0; c < 3; c++) rgba[i * 4 + c] = full.rgb[i * 3 + c] ?? 0;
      } else if (inside <= -BAND) {
        rgba[i * 4 + 3] = 0;
      } else {
        bandPixels++;
        if (writeBandPixel(rgba, i, { full, colours: mask.colours, sampler, inside }) < GEOMETRY_BELOW) lowContrast++;
      }
    }
  }
  return { rgba, outline: { lowContrastShare: bandPixels === 0 ? 0 : lowContrast / bandPixels } };
}

type Band = { full: Picture; colours: LocalColours; sampler: Sampler; inside: number };

/** Writes colour and alpha of one pixel; gives the contrast between garment and ground there, in levels. */
function writeBandPixel(rgba: Buffer, i: number, band: Band): number {
  const { full, colours, sampler, inside } = band;
  let along = 0;
  let length = 0;
  for (let c = 0; c < 3; c++) {
    const ground = sampler.read(colours.ground[c]);
    const span = sampler.read(colours.garment[c]) - ground;
    along += ((full.rgb[i * 3 + c] ?? 0) - ground) * span;
    length += span * span;
  }
  const contrast = Math.sqrt(length);
  const byGeometry = clamp01((inside + 1) / 2);
  const byColour = length === 0 ? byGeometry : clamp01((along / length - PROJECTION_FLOOR) / PROJECTION_SPAN);
  const trust = clamp01((contrast - GEOMETRY_BELOW) / (COLOUR_ABOVE - GEOMETRY_BELOW));
  const alpha = trust * byColour + (1 - trust) * byGeometry;
  const byte = Math.round(alpha * 255);
  rgba[i * 4 + 3] = byte;
  if (byte === 0) return contrast;
  for (let c = 0; c < 3; c++) {
    const own = ((full.rgb[i * 3 + c] ?? 0) - (1 - alpha) * sampler.read(colours.ground[c])) / alpha;
    const trustOwn = Math.min(1, alpha / OWN_COLOUR_FROM) ** 2;
    const mixed = trustOwn * Math.min(255, Math.max(0, own)) + (1 - trustOwn) * sampler.read(colours.garment[c]);
    rgba[i * 4 + c] = Math.round(mixed);
  }
  return contrast;
}

/** Positive inside the garment, negative outside, 0 on the outline between two pixels. */
function signedDepth(garment: Mask, size: Size): Plane {
  const outside = distanceTo(garment, size);
  const depth = distanceTo(invert(garment), size);
  for (let i = 0; i < depth.length; i++) {
    depth[i] = garment[i] === 1 ? (depth[i] ?? 0) - 0.5 : 0.5 - (outside[i] ?? 0);
  }
  return depth;
}

type Sampler = { moveTo: (x: number, y: number) => void; read: (plane: Plane | undefined) => number };

/** Reads planes of the mask's size at pixels of the full picture, bilinearly. */
function createSampler(full: Size, small: Size): Sampler {
  const same = full.width === small.width && full.height === small.height;
  let at = 0;
  let right = 0;
  let below = 0;
  let fx = 0;
  let fy = 0;
  return {
    moveTo: (x, y) => {
      const sx = Math.min(small.width - 1, Math.max(0, ((x + 0.5) * small.width) / full.width - 0.5));
      const sy = Math.min(small.height - 1, Math.max(0, ((y + 0.5) * small.height) / full.height - 0.5));
      const left = Math.floor(sx);
      const top = Math.floor(sy);
      fx = sx - left;
      fy = sy - top;
      at = top * small.width + left;
      right = left < small.width - 1 ? 1 : 0;
      below = top < small.height - 1 ? small.width : 0;
    },
    read: (plane) => {
      if (plane === undefined) return 0;
      const first = plane[at] ?? 0;
      if (same) return first;
      const upper = first + fx * ((plane[at + right] ?? 0) - first);
      const lowerLeft = plane[at + below] ?? 0;
      const lower = lowerLeft + fx * ((plane[at + below + right] ?? 0) - lowerLeft);
      return upper + fy * (lower - upper);
    },
  };
}

function clamp01(value: number): number {
  return Math.min(1, Math.max(0, value));
}
