import { areaOf, type Plane, type Size } from './plane.ts';

/** CIE L*a*b* (D65): L 0-100, a and b about -100..100. */
export type LabPlanes = { l: Plane; a: Plane; b: Plane };

/** Linear light 0-1 of an sRGB byte. */
export const LINEAR_OF_BYTE = Float64Array.from({ length: 256 }, (_, byte) => {
  const v = byte / 255;
  return v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4;
});

const EPSILON = 216 / 24389;
const KAPPA = 24389 / 27;
const STEPS = 8192;

/** The cube-root curve of Lab at STEPS + 2 points; linear interpolation is exact to 0.001 L above L = 5. */
const CURVE = Float64Array.from({ length: STEPS + 2 }, (_, step) => {
  const t = step / STEPS;
  return t > EPSILON ? Math.cbrt(t) : (KAPPA * t + 16) / 116;
});

function curve(t: number): number {
  const at = Math.min(1, t) * STEPS;
  const low = Math.floor(at);
  const base = CURVE[low] ?? 0;
  return base + ((CURVE[low + 1] ?? 0) - base) * (at - low);
}

/** Packed 8-bit RGB (`channels` bytes a pixel, the first three are red, green, blue) to Lab planes. */
export function toLab(rgb: Uint8Array, size: Size, channels: 3 | 4 = 3): LabPlanes {
  const area = areaOf(size);
  const planes = { l: new Float32Array(area), a: new Float32Array(area), b: new Float32Array(area) };
  for (let i = 0; i < area; i++) {
    const at = i * channels;
    const red = LINEAR_OF_BYTE[rgb[at] ?? 0] ?? 0;
    const green = LINEAR_OF_BYTE[rgb[at + 1] ?? 0] ?? 0;
    const blue = LINEAR_OF_BYTE[rgb[at + 2] ?? 0] ?? 0;
    const x = curve((0.4124564 * red + 0.3575761 * green + 0.1804375 * blue) / 0.95047);
    const y = curve(0.2126729 * red + 0.7151522 * green + 0.072175 * blue);
    const z = curve((0.0193339 * red + 0.119192 * green + 0.9503041 * blue) / 1.08883);
    planes.l[i] = 116 * y - 16;
    planes.a[i] = 500 * (x - y);
    planes.b[i] = 200 * (y - z);
  }
  return planes;
}
