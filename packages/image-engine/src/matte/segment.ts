import { boxBlur, maskToPlane } from './blur.ts';
import { dropSmallRegions } from './components.ts';
import { dropCrumbs } from './crumbs.ts';
import { distanceTo } from './distance.ts';
import { floodFromFrame } from './flood.ts';
import { followGround } from './follow-ground.ts';
import { fitGround, type Ground } from './ground.ts';
import { findHoles } from './holes.ts';
import { type LabPlanes, toLab } from './lab.ts';
import { localMax } from './local-max.ts';
import { areaOf, countOnes, invert, type Mask, type Plane, type Size } from './plane.ts';
import { findPassable, findStrictlyPassable, type Residual, residualTo } from './residual.ts';
import { growThroughShadow } from './shadow.ts';
import type { Evidence } from './verdict.ts';

/** Which pixels are garment, and what was met on the way (the verdict judges by it). */
export type Segmentation = { garment: Mask; distance: Plane; evidence: Evidence };

/** Radii in the modules around are in pixels at this long edge. */
const REFERENCE_EDGE = 1024;
/** Below this spread the ground was painted by an editor, not photographed. */
const RETOUCHED_SIGMA = 0.08;
const BALL_RADIUS = 3;
/** How far from sure ground JPEG's ringing and colour bleed may reach. */
const RINGING_REACH_PX = 12;
const WIDE_BALL_RADIUS = 9;
/** Nearer than this to the ground a garment pixel is called white-on-white, L units. */
const NEAR_GROUND = 7;
const WHITE_MODE_SHARE = 0.35;
/**
 * Balls for white garments, smallest first: a painted ground has no noise to leak through, a real one has. The next
 * larger ball tells how much one may have eaten; the first that eats little is taken.
 */
const WHITE_BALLS = { retouched: [4, 9, 16, 26], photographed: [9, 16, 26] } as const;
const LITTLE_EATEN = 0.025;
/** Around white cloth a photographed ground gets no more tolerance than its noise needs, but this, L units. */
const TIGHTEST = 0.4;
/** Outline pixels whose garment side is nearer than this to the ground were placed by chance, L units. */
const PALE_RIM = 5;
/** Regions smaller than this share of the largest one are dust. */
const MIN_REGION_SHARE = 0.004;
/** Outline pixels clearer than this keep their place when the outline is smoothed, L units. */
const CLEAR_DISTANCE = 4;

/** The picture in Lab and the ground its frame shows; smoothed both, unless an editor painted the ground. */
export type Survey = { lab: LabPlanes; ground: Ground; retouched: boolean };

export function survey(rgb: Uint8Array, size: Size): Survey {
  const lab = toLab(rgb, size);
  const ground = fitGround(lab, size);
  if (ground.sigma < RETOUCHED_SIGMA) return { lab, ground, retouched: true };
  const soft = smooth(lab, size);
  return { lab: soft, ground: fitGround(soft, size), retouched: false };
}

/** `jpegScale`: how much the picture was shrunk before it came here (1 = not at all). */
export function segment(surveyed: Survey, size: Size, jpegScale: number): Segmentation {
  const { lab, ground, retouched } = surveyed;
  const scale = Math.max(size.width, size.height) / REFERENCE_EDGE;
  const { sigma } = ground;
  const tolerance = retouched ? 0.6 : Math.max(0.8, 4.5 * sigma);
  const tight = retouched ? tolerance : Math.max(TIGHTEST, 4.5 * sigma);
  const following = { size, scale, tolerance, ballRadius: WIDE_BALL_RADIUS * scale, jpegScale };
  const field = retouched ? ground.field : followGround(lab, ground.field, following);
  const residual = residualTo(lab, field);
  const passable = findPassable(residual, size, { tolerance, jpegScale });
  const narrow = floodFromFrame(passable, size, BALL_RADIUS * scale);
  const wide = floodFromFrame(passable, size, WIDE_BALL_RADIUS * scale);
  const whiteShare = nearGroundShare(narrow, residual);
  const white = whiteShare > WHITE_MODE_SHARE;
  const { flooded, eatenShare } = white
    ? floodAroundWhite(believable(residual, { size, tolerance: tight, scale, jpegScale }), size, {
        radii: WHITE_BALLS[retouched ? 'retouched' : 'photographed'].map((radius) => radius * scale),
      })
    : { flooded: narrow, eatenShare: 0 };
  const by = { size, scale, sigma };
  const grown = white || retouched ? flooded : growThroughShadow(flooded, { lab, residual }, by);
  const whole = dropSmallRegions(invert(grown), size, MIN_REGION_SHARE);
  const holes = white ? new Uint8Array(whole.length) : findHoles(whole, { passable, distance: residual.d }, by);
  const open = whole.map((inside, i) => (inside === 1 && holes[i] === 0 ? 1 : 0));
  const cleared = white ? open : dropCrumbs(open, residual.d, size);
  const garment = smoothOutline(cleared, residual.d, size);
  const area = Math.max(1, countOnes(garment));
  return {
    garment,
    distance: residual.d,
    evidence: {
      garmentShare: area / areaOf(size),
      frameContact: frameContact(garment, size),
      white,
      leakShare: white ? 0 : (countOnes(narrow) - countOnes(wide)) / area,
      eatenShare,
      paleRimShare: paleRimShare(garment, residual.d, size),
      shadowShare: (countOnes(grown) - countOnes(flooded)) / areaOf(size),
    },
  };
}

/** `eatenShare` is the part of what the next larger ball keeps that the chosen one still flooded. */
function floodAroundWhite(
  passable: Mask,
  size: Size,
  by: { radii: readonly number[] },
): { flooded: Mask; eatenShare: number } {
  const [smallest = 1, ...larger] = by.radii;
  let flooded = floodFromFrame(passable, size, smallest);
  let eatenShare = 0;
  for (const radius of larger) {
    const next = floodFromFrame(passable, size, radius);
    const left = areaOf(size) - countOnes(next);
    eatenShare = left === 0 ? 1 : (countOnes(flooded) - countOnes(next)) / left;
    if (eatenShare <= LITTLE_EATEN) break;
    flooded = next;
  }
  return { flooded, eatenShare };
}

function paleRimShare(garment: Mask, distance: Plane, size: Size): number {
  const toGround = distanceTo(invert(garment), size);
  const strongest = localMax(distance, size, 2);
  let rim = 0;
  let pale = 0;
  for (let i = 0; i < garment.length; i++) {
    const depth = toGround[i] ?? 0;
    if (depth < 1 || depth >= 2) continue;
    rim++;
    if ((strongest[i] ?? 0) < PALE_RIM) pale++;
  }
  return rim === 0 ? 0 : pale / rim;
}

/** Around white cloth, ringing is believed near sure ground only: farther in, the cloth itself would pass for it. */
function believable(residual: Residual, by: { size: Size; tolerance: number; scale: number; jpegScale: number }): Mask {
  const passable = findPassable(residual, by.size, by);
  const sure = floodFromFrame(findStrictlyPassable(residual, by.tolerance), by.size, BALL_RADIUS * by.scale);
  const distance = distanceTo(sure, by.size);
  return passable.map((open, i) => (open === 1 && (distance[i] ?? 0) <= RINGING_REACH_PX * by.jpegScale ? 1 : 0));
}

function smooth(lab: LabPlanes, size: Size): LabPlanes {
  const twice = (plane: Plane) => boxBlur(boxBlur(plane, size, 1), size, 1);
  return { l: twice(lab.l), a: twice(lab.a), b: twice(lab.b) };
}

function nearGroundShare(flooded: Mask, residual: Residual): number {
  let rest = 0;
  let near = 0;
  for (let i = 0; i < flooded.length; i++) {
    if (flooded[i] === 1) continue;
    rest++;
    if ((residual.d[i] ?? 0) < NEAR_GROUND) near++;
  }
  return rest === 0 ? 0 : near / rest;
}

/** Majority of 3 x 3, where the colour does not tell clearly. */
function smoothOutline(mask: Mask, distance: Plane, size: Size): Mask {
  const share = boxBlur(maskToPlane(mask, size), size, 1);
  return mask.map((inside, i) => ((distance[i] ?? 0) >= CLEAR_DISTANCE ? inside : (share[i] ?? 0) > 0.5 ? 1 : 0));
}

/** Share of the picture's border that is garment. */
function frameContact(mask: Mask, size: Size): number {
  const { width, height } = size;
  let touching = 0;
  for (let x = 0; x < width; x++) touching += (mask[x] ?? 0) + (mask[(height - 1) * width + x] ?? 0);
  for (let y = 0; y < height; y++) touching += (mask[y * width] ?? 0) + (mask[y * width + width - 1] ?? 0);
  return touching / (2 * (width + height));
}
