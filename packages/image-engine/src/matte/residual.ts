import type { LabPlanes } from './lab.ts';
import { localMax } from './local-max.ts';
import type { Mask, Plane, Size } from './plane.ts';

/** How far each pixel is from the ground: `l` signed lightness, `c` chroma, `d` both together, all in Lab units. */
export type Residual = { l: Plane; c: Plane; d: Plane };

export function residualTo(lab: LabPlanes, field: LabPlanes): Residual {
  const area = lab.l.length;
  const out = { l: new Float32Array(area), c: new Float32Array(area), d: new Float32Array(area) };
  for (let i = 0; i < area; i++) {
    const l = (lab.l[i] ?? 0) - (field.l[i] ?? 0);
    const a = (lab.a[i] ?? 0) - (field.a[i] ?? 0);
    const b = (lab.b[i] ?? 0) - (field.b[i] ?? 0);
    const c = Math.sqrt(a * a + b * b);
    out.l[i] = l;
    out.c[i] = c;
    out.d[i] = Math.sqrt(l * l + c * c);
  }
  return out;
}

/** JPEG's transform blocks reach 8 pixels for lightness and, with 4:2:0 chroma, 16 for colour. */
const LUMA_REACH_PX = 8;
const CHROMA_REACH_PX = 16;

/**
 * Pixels near enough to the ground's colour to be ground. Around strong edges JPEG rings and bleeds in proportion to
 * the edge, so the tolerance follows the local maximum; without that every outline comes out block-shaped.
 * `jpegScale` is how much the picture was shrunk before (1 = not at all).
 */
export function findPassable(residual: Residual, size: Size, by: { tolerance: number; jpegScale: number }): Mask {
  const { tolerance, jpegScale } = by;
  const lightness = new Float32Array(residual.l.length);
  for (let i = 0; i < lightness.length; i++) lightness[i] = Math.abs(residual.l[i] ?? 0);
  const maxL = localMax(lightness, size, Math.max(1, Math.round(LUMA_REACH_PX * jpegScale)));
  const maxC = localMax(residual.c, size, Math.max(1, Math.round(CHROMA_REACH_PX * jpegScale)));
  const out = new Uint8Array(lightness.length);
  for (let i = 0; i < out.length; i++) {
    const edgeL = maxL[i] ?? 0;
    const edgeC = maxC[i] ?? 0;
    const limitL = Math.max(tolerance, Math.min(3.5, 0.05 * edgeL + 0.04 * edgeC));
    const limitC = Math.max(1.4 * tolerance, Math.min(6, 0.12 * edgeC + 0.03 * edgeL));
    out[i] = (lightness[i] ?? 0) < limitL && (residual.c[i] ?? 0) < limitC ? 1 : 0;
  }
  return out;
}

/** Pixels within the plain tolerance, with no allowance for ringing. */
export function findStrictlyPassable(residual: Residual, tolerance: number): Mask {
  const out = new Uint8Array(residual.l.length);
  for (let i = 0; i < out.length; i++) {
    out[i] = Math.abs(residual.l[i] ?? 0) < tolerance && (residual.c[i] ?? 0) < 1.4 * tolerance ? 1 : 0;
  }
  return out;
}
