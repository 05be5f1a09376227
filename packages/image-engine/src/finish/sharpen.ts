import { boxBlur } from '../matte/blur.ts';
import { areaOf, type Plane, type Size } from '../matte/plane.ts';

const AMOUNT = 0.5;
/** A pixel's perceived lightness (cube root of luminance, 0-1) moves by this at most: no halos on hard prints. */
const MAX_CHANGE = 0.06;
/** Sharpening fades in over this many pixels from the outline, so that it draws no line around the garment. */
const FADE = 3;

/** How much each pixel's perceived lightness changes by unsharp masking; `lightness` is cube-root luminance. */
export function unsharpChange(lightness: Plane, opacity: Plane, size: Size): Plane {
  const soft = boxBlur(boxBlur(lightness, size, 1), size, 1);
  const inside = boxBlur(opacity, size, FADE);
  const out = new Float32Array(areaOf(size));
  for (let i = 0; i < out.length; i++) {
    const change = AMOUNT * ((lightness[i] ?? 0) - (soft[i] ?? 0));
    const fade = Math.max(0, 2 * (inside[i] ?? 0) - 1) ** 2;
    out[i] = Math.max(-MAX_CHANGE, Math.min(MAX_CHANGE, change)) * fade;
  }
  return out;
}
