import { LINEAR_OF_BYTE } from '../matte/lab.ts';
import type { Plane, Size } from '../matte/plane.ts';
import { chooseExposure, gainAt } from './exposure.ts';
import { unsharpChange } from './sharpen.ts';

/** sRGB byte of linear light, at STEPS + 1 points. */
const STEPS = 16383;
const BYTE_OF_LINEAR = Uint8Array.from({ length: STEPS + 1 }, (_, step) => {
  const v = step / STEPS;
  return Math.round(255 * (v <= 0.0031308 ? 12.92 * v : 1.055 * v ** (1 / 2.4) - 0.055));
});

/** Sharpening leaves a pixel below this unless it was brighter before: texture of white cloth is not clipped. */
const WHITEST = 0.98;

/**
 * Puts a cut-out (straight alpha, RGBA bytes) on pure white: exposure within bounds, hue kept, sharpened inside.
 * `ground` is the mean colour the ground had, when known. Gives packed RGB.
 */
export function finishOnWhite(
  rgba: Uint8Array,
  size: Size,
  ground: readonly [number, number, number] | undefined,
): Buffer {
  const { balance, gain } = chooseExposure(rgba, ground);
  const area = size.width * size.height;
  const lightness = new Float32Array(area);
  const opacity = new Float32Array(area);
  const light: [number, number, number] = [0, 0, 0];
  for (let i = 0; i < area; i++) {
    opacity[i] = (rgba[i * 4 + 3] ?? 0) / 255;
    expose(rgba, i, { balance, gain, light });
    lightness[i] = Math.cbrt(0.2126 * light[0] + 0.7152 * light[1] + 0.0722 * light[2]);
  }
  const change = unsharpChange(lightness, opacity, size);
  const out = Buffer.alloc(area * 3, 255);
  for (let i = 0; i < area; i++) {
    const alpha = opacity[i] ?? 0;
    if (alpha === 0) continue;
    expose(rgba, i, { balance, gain, light });
    const factor = sharpenFactor(lightness, change, i, Math.max(...light));
    for (let c = 0; c < 3; c++) {
      const byte = BYTE_OF_LINEAR[Math.round(Math.min(1, (light[c] ?? 0) * factor) * STEPS)] ?? 0;
      out[i * 3 + c] = Math.round(alpha * byte + (1 - alpha) * 255);
    }
  }
  return out;
}

type Exposing = { balance: [number, number, number]; gain: number; light: [number, number, number] };

/** Writes the exposed linear colour of pixel `i` into `light`: balance, then one factor for all channels. */
function expose(rgba: Uint8Array, i: number, by: Exposing): void {
  const { light, balance } = by;
  for (let c = 0; c < 3; c++) light[c] = (LINEAR_OF_BYTE[rgba[i * 4 + c] ?? 0] ?? 0) * (balance[c] ?? 1);
  const factor = gainAt(Math.max(light[0], light[1], light[2]), by.gain);
  for (let c = 0; c < 3; c++) light[c] = (light[c] ?? 0) * factor;
}

function sharpenFactor(lightness: Plane, change: Plane, i: number, peak: number): number {
  const before = lightness[i] ?? 0;
  if (before < 0.01) return 1;
  const factor = (Math.max(0, before + (change[i] ?? 0)) / before) ** 3;
  return peak * factor > WHITEST ? Math.max(Math.min(factor, 1), Math.min(factor, WHITEST / peak)) : factor;
}
