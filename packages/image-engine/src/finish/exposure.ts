import { LINEAR_OF_BYTE } from '../matte/lab.ts';

/** Linear factors for red, green and blue, and how strongly to brighten all three. */
export type Exposure = { balance: [number, number, number]; gain: number };

/** White balance may move a channel by this share at most. */
const MAX_BALANCE = 0.06;
const MAX_GAIN = 1.12;
/** Without sight of the ground there is no measure of the light, so less is dared. */
const MAX_BLIND_GAIN = 1.04;
/** The garment's brightest percent is not pushed above this, linear light. */
const BRIGHTEST = 0.93;
const LUMA = [0.2126, 0.7152, 0.0722] as const;

/**
 * Bounded exposure for a garment (RGBA bytes). `ground` is the mean colour of the ground as bytes: it should have
 * been white, so its cast and darkness are what to take out.
 */
export function chooseExposure(rgba: Uint8Array, ground: readonly [number, number, number] | undefined): Exposure {
  const brightest = brightPercentile(rgba);
  const room = brightest > 0 ? BRIGHTEST / brightest : 1;
  if (ground === undefined) return { balance: [1, 1, 1], gain: Math.max(1, Math.min(MAX_BLIND_GAIN, room)) };
  const linear = ground.map((byte) => Math.max(0.01, LINEAR_OF_BYTE[Math.round(byte)] ?? 0));
  const [red = 1, green = 1, blue = 1] = linear;
  const luma = LUMA[0] * red + LUMA[1] * green + LUMA[2] * blue;
  const bounded = (value: number) => Math.min(1 + MAX_BALANCE, Math.max(1 - MAX_BALANCE, luma / value));
  const gain = Math.max(1, Math.min(MAX_GAIN, 1 / luma, room));
  return { balance: [bounded(red), bounded(green), bounded(blue)], gain };
}

/** 99th percentile of linear luminance over the opaque pixels. */
function brightPercentile(rgba: Uint8Array): number {
  const bins = new Uint32Array(256);
  let opaque = 0;
  for (let at = 0; at < rgba.length; at += 4) {
    if ((rgba[at + 3] ?? 0) < 250) continue;
    const luma =
      LUMA[0] * (LINEAR_OF_BYTE[rgba[at] ?? 0] ?? 0) +
      LUMA[1] * (LINEAR_OF_BYTE[rgba[at + 1] ?? 0] ?? 0) +
      LUMA[2] * (LINEAR_OF_BYTE[rgba[at + 2] ?? 0] ?? 0);
    const bin = Math.min(255, Math.floor(luma * 256));
    bins[bin] = (bins[bin] ?? 0) + 1;
    opaque++;
  }
  let above = 0;
  for (let bin = 255; bin >= 0; bin--) {
    above += bins[bin] ?? 0;
    if (above > opaque * 0.01) return (bin + 1) / 256;
  }
  return 0;
}

/** Where the shoulder begins: above it, light is compressed towards 1 instead of clipped. */
const SHOULDER = 0.85;

/** The factor that brightens a pixel whose largest linear channel is `peak` (never below 1, never past white). */
export function gainAt(peak: number, gain: number): number {
  if (peak <= 0) return gain;
  const lifted = peak * gain;
  if (lifted <= SHOULDER) return gain;
  const room = 1 - SHOULDER;
  const bent = SHOULDER + room * (1 - Math.exp(-(lifted - SHOULDER) / room));
  return Math.max(bent, Math.min(peak, 1)) / peak;
}
