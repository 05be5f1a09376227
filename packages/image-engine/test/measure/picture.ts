import { boxBlur, maskToPlane } from '../../src/matte/blur.ts';
import { distanceTo } from '../../src/matte/distance.ts';
import { spreadFromFrame } from '../../src/matte/flood.ts';
import { toLab } from '../../src/matte/lab.ts';
import { countOnes, invert, type Mask } from '../../src/matte/plane.ts';
import { erode, frameMedian, near, openGround, type Rgb } from './region.ts';

/** Share of the outer 5 % that is exactly (255,255,255). */
export function whiteRing(output: Rgb): number {
  const { width, height } = output.size;
  const [left, top] = [Math.round(width * 0.05), Math.round(height * 0.05)];
  let ring = 0;
  let white = 0;
  for (let i = 0; i < width * height; i++) {
    const x = i % width;
    const y = (i - x) / width;
    if (x >= left && y >= top && x < width - left && y < height - top) continue;
    ring++;
    if (lowest(output, i) === 255) white++;
  }
  return white / ring;
}

/** Share of the input's own ground (within `levels`, eroded, joined to the frame) that did not become white. */
export function residue(input: Rgb, output: Rgb, levels = 2): number {
  const ground = spreadFromFrame(erode(near(input, frameMedian(input), levels), input.size, 3), input.size);
  return share(ground, (i) => lowest(output, i) < 253);
}

/** Share of what is clearly garment in the input (12 levels off, majority of 5 x 5) that became white. */
export function erased(input: Rgb, output: Rgb): number {
  const off = maskToPlane(invert(near(input, frameMedian(input), 12)), input.size);
  const majority = boxBlur(off, input.size, 2);
  const garment = Uint8Array.from(off, (value, i) => (value === 1 && (majority[i] ?? 0) > 0.5 ? 1 : 0));
  return share(garment, (i) => lowest(output, i) >= 254);
}

/** What is not white 3 to 8 pixels outside a garment that stands out: mean of 255 - min, and share above 8. */
export function halo(input: Rgb, output: Rgb): { mean: number; over8: number } {
  const strong = invert(near(input, frameMedian(input), 40));
  const toStrong = distanceTo(strong, input.size);
  // Closed by the ring's own width, so that gaps inside a print are no ground.
  const apart = strong.map((_, i) => ((toStrong[i] ?? 0) > 8 ? 1 : 0));
  const closed = distanceTo(apart, input.size).map((distance) => (distance > 8 ? 1 : 0));
  const away = distanceTo(Uint8Array.from(closed), input.size);
  const ground = openGround(input, 12);
  const ring = ground.map((open, i) => (open === 1 && (away[i] ?? 0) >= 3 && (away[i] ?? 0) <= 8 ? 1 : 0));
  let sum = 0;
  ring.forEach((inside, i) => (sum += inside * (255 - lowest(output, i))));
  return { mean: sum / Math.max(1, countOnes(ring)), over8: share(ring, (i) => lowest(output, i) < 247) };
}

/** Share of the garment's interior that is burnt out to (255,255,255). */
export function clipped(output: Rgb, garment: Mask): number {
  return share(erode(garment, output.size, 6), (i) => lowest(output, i) === 255);
}

export type ColourChange = {
  /** Mean change of lightness, of chroma direction (both Lab units), of hue in degrees where chroma is above 10. */
  dL: number;
  dAb: number;
  hue: number;
  /** Mean chroma of the output by that of the input. */
  chroma: number;
  /** Energy of the Laplacian by that of the input. */
  detail: number;
};

export function colourChange(input: Rgb, output: Rgb, garment: Mask): ColourChange {
  const inside = erode(garment, input.size, 6);
  const before = toLab(input.data, input.size);
  const after = toLab(output.data, input.size);
  const sums = { dL: 0, dAb: 0, hue: 0, hued: 0, chromaIn: 0, chromaOut: 0 };
  inside.forEach((value, i) => {
    if (value === 0) return;
    const [a0 = 0, b0 = 0, a1 = 0, b1 = 0] = [before.a[i], before.b[i], after.a[i], after.b[i]];
    const [c0, c1] = [Math.hypot(a0, b0), Math.hypot(a1, b1)];
    sums.dL += (after.l[i] ?? 0) - (before.l[i] ?? 0);
    sums.dAb += Math.hypot(a1 - a0, b1 - b0);
    sums.chromaIn += c0;
    sums.chromaOut += c1;
    if (c0 <= 10) return;
    const turn = Math.abs(Math.atan2(b1, a1) - Math.atan2(b0, a0));
    sums.hue += Math.min(turn, 2 * Math.PI - turn) * (180 / Math.PI);
    sums.hued++;
  });
  const count = Math.max(1, countOnes(inside));
  return {
    dL: sums.dL / count,
    dAb: sums.dAb / count,
    hue: sums.hued === 0 ? 0 : sums.hue / sums.hued,
    chroma: sums.chromaIn === 0 ? 1 : sums.chromaOut / sums.chromaIn,
    detail: laplacianEnergy(after.l, input.size.width, inside) / laplacianEnergy(before.l, input.size.width, inside),
  };
}

function laplacianEnergy(l: Float32Array, width: number, inside: Mask): number {
  let energy = 0;
  inside.forEach((value, i) => {
    if (value === 0) return;
    const around = (l[i - 1] ?? 0) + (l[i + 1] ?? 0) + (l[i - width] ?? 0) + (l[i + width] ?? 0);
    energy += Math.abs(4 * (l[i] ?? 0) - around);
  });
  return energy;
}

function lowest(picture: Rgb, i: number): number {
  return Math.min(picture.data[i * 3] ?? 0, picture.data[i * 3 + 1] ?? 0, picture.data[i * 3 + 2] ?? 0);
}

function share(mask: Mask, holds: (i: number) => boolean): number {
  let met = 0;
  let held = 0;
  for (let i = 0; i < mask.length; i++) {
    if (mask[i] === 0) continue;
    met++;
    if (holds(i)) held++;
  }
  return met === 0 ? 0 : held / met;
}
