import type { LabPlanes } from './lab.ts';
import { areaOf, quantile, type Size } from './plane.ts';

/**
 * What the ground looks like: its Lab colour at every pixel, `sigma` the spread of one channel around it in L units,
 * and `inlierShare` the part of the frame that agrees with it.
 */
export type Ground = { field: LabPlanes; sigma: number; inlierShare: number };

/** Width of the frame that is looked at, as a share of the shorter side. */
const BAND_SHARE = 0.04;
const MAX_SAMPLES = 6000;
/** A sample is ground when it is nearer than the larger of this (L units) and 4 sigma. */
const MIN_CUT = 1.2;
/** The cut narrows while the surface turns from a constant into a quadratic: L units, one a round. */
const OPENING_CUTS = [9, 6, 4, 2.5, 0, 0] as const;
/** Median and 90th percentile of the length of a three-dimensional normal vector with unit deviation. */
const MEDIAN_OF_NORM = 1.54;
const P90_OF_NORM = 2.5;
const TERMS = 6;
const RIDGE = 1e-6;

type Samples = { terms: Float64Array; colours: Float64Array; count: number };

/** Fits a quadratic surface a channel to the frame of the picture, leaving out what touches the frame but differs. */
export function fitGround(lab: LabPlanes, size: Size): Ground {
  const samples = sampleFrame(lab, size);
  let surface = constantSurface(modeOfFrame(samples));
  let sigma = 0;
  let inlierShare = 0;
  for (const opening of OPENING_CUTS) {
    const residuals = residualsOf(samples, surface);
    const cut = Math.max(MIN_CUT, 4 * sigma, opening);
    const inliers = residuals.map((residual) => (residual < cut ? 1 : 0));
    const kept = residuals.filter((residual) => residual < cut);
    inlierShare = kept.length / Math.max(1, samples.count);
    surface = fitSurface(samples, inliers) ?? surface;
    const after = residualsOf(samples, surface).filter((_, i) => inliers[i] === 1);
    sigma = Math.max(quantile(after, 0.5) / MEDIAN_OF_NORM, quantile(after, 0.9) / P90_OF_NORM);
  }
  return { field: evaluate(surface, size), sigma, inlierShare };
}

function sampleFrame(lab: LabPlanes, size: Size): Samples {
  const { width, height } = size;
  const band = Math.max(2, Math.round(Math.min(width, height) * BAND_SHARE));
  const inBand = (x: number, y: number) => x < band || y < band || x >= width - band || y >= height - band;
  const area = areaOf(size) - Math.max(0, width - 2 * band) * Math.max(0, height - 2 * band);
  const every = Math.max(1, Math.floor(area / MAX_SAMPLES));
  const terms: number[] = [];
  const colours: number[] = [];
  let met = 0;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      if (!inBand(x, y)) {
        x = width - band - 1;
        continue;
      }
      if (met++ % every !== 0) continue;
      const i = y * width + x;
      terms.push(...termsAt(x, y, size));
      colours.push(lab.l[i] ?? 0, lab.a[i] ?? 0, lab.b[i] ?? 0);
    }
  }
  return { terms: Float64Array.from(terms), colours: Float64Array.from(colours), count: colours.length / 3 };
}

function termsAt(x: number, y: number, size: Size): number[] {
  const u = (2 * x) / size.width - 1;
  const v = (2 * y) / size.height - 1;
  return [1, u, v, u * u, u * v, v * v];
}

/** The commonest lightness of the frame and the median colour there: a garment touching the frame does not pull it. */
function modeOfFrame(samples: Samples): [number, number, number] {
  const bins = new Float64Array(52);
  for (let s = 0; s < samples.count; s++) {
    const bin = Math.floor((samples.colours[s * 3] ?? 0) / 2);
    for (const near of [bin - 1, bin, bin + 1]) if (near >= 0) bins[near] = (bins[near] ?? 0) + 1;
  }
  const mode = bins.indexOf(Math.max(...bins)) * 2 + 1;
  const near: number[] = [];
  for (let s = 0; s < samples.count; s++) if (Math.abs((samples.colours[s * 3] ?? 0) - mode) < 4) near.push(s);
  const median = (channel: number) =>
    quantile(
      Float32Array.from(near, (s) => samples.colours[s * 3 + channel] ?? 0),
      0.5,
    );
  return [median(0), median(1), median(2)];
}

type Surface = [number[], number[], number[]];

function constantSurface(colour: [number, number, number]): Surface {
  return [flat(colour[0]), flat(colour[1]), flat(colour[2])];
}

function flat(value: number): number[] {
  return [value, 0, 0, 0, 0, 0];
}

function residualsOf(samples: Samples, surface: Surface): Float32Array {
  return Float32Array.from({ length: samples.count }, (_, s) => {
    let sum = 0;
    for (let channel = 0; channel < 3; channel++) {
      let value = samples.colours[s * 3 + channel] ?? 0;
      for (let t = 0; t < TERMS; t++) value -= (surface[channel]?.[t] ?? 0) * (samples.terms[s * TERMS + t] ?? 0);
      sum += value * value;
    }
    return Math.sqrt(sum);
  });
}

function fitSurface(samples: Samples, inliers: Float32Array): Surface | undefined {
  const columns = TERMS + 3;
  const rows = Array.from({ length: TERMS }, () => new Float64Array(columns));
  let used = 0;
  for (let s = 0; s < samples.count; s++) {
    if (inliers[s] !== 1) continue;
    used++;
    for (let r = 0; r < TERMS; r++) {
      const row = rows[r];
      const term = samples.terms[s * TERMS + r] ?? 0;
      if (row === undefined) continue;
      for (let c = 0; c < TERMS; c++) row[c] = (row[c] ?? 0) + term * (samples.terms[s * TERMS + c] ?? 0);
      for (let c = 0; c < 3; c++) row[TERMS + c] = (row[TERMS + c] ?? 0) + term * (samples.colours[s * 3 + c] ?? 0);
    }
  }
  if (used < 50) return undefined;
  rows.forEach((row, r) => (row[r] = (row[r] ?? 0) + RIDGE * used));
  solve(rows);
  const channel = (c: number) => rows.map((row) => row[TERMS + c] ?? 0);
  return [channel(0), channel(1), channel(2)];
}

/** Gauss-Jordan with partial pivoting, in place: afterwards the last three columns are the solutions. */
function solve(rows: Float64Array[]): void {
  for (let p = 0; p < rows.length; p++) {
    let best = p;
    for (let r = p + 1; r < rows.length; r++) {
      if (Math.abs(rows[r]?.[p] ?? 0) > Math.abs(rows[best]?.[p] ?? 0)) best = r;
    }
    const pivot = rows[best];
    const swapped = rows[p];
    if (pivot === undefined || swapped === undefined) return;
    rows[best] = swapped;
    rows[p] = pivot;
    const scale = pivot[p] ?? 1;
    pivot.forEach((value, c) => (pivot[c] = value / scale));
    rows.forEach((row, r) => {
      if (r === p) return;
      const factor = row[p] ?? 0;
      row.forEach((value, c) => (row[c] = value - factor * (pivot[c] ?? 0)));
    });
  }
}

function evaluate(surface: Surface, size: Size): LabPlanes {
  const plane = (coefficients: number[]) => {
    const [c0 = 0, c1 = 0, c2 = 0, c3 = 0, c4 = 0, c5 = 0] = coefficients;
    const out = new Float32Array(areaOf(size));
    for (let y = 0; y < size.height; y++) {
      const v = (2 * y) / size.height - 1;
      for (let x = 0; x < size.width; x++) {
        const u = (2 * x) / size.width - 1;
        out[y * size.width + x] = c0 + c1 * u + c2 * v + c3 * u * u + c4 * u * v + c5 * v * v;
      }
    }
    return out;
  };
  return { l: plane(surface[0]), a: plane(surface[1]), b: plane(surface[2]) };
}
