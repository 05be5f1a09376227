import type { LocalColours } from './colours.ts';
import type { Mask, Size } from './plane.ts';

const STEPS = 4;
/** A rim pixel with less garment in it than this is ground that JPEG or a shadow tinted. */
const MAX_PROJECTION = 0.12;
/** How far a pixel may lie off the line between ground and garment, levels: farther, and it is another colour. */
const MAX_OFF_LINE = 10;
/** Below this contrast the projection is noise, levels. */
const MIN_CONTRAST = 12;

/** Takes tinted ground off the rim, a pixel layer at a time. */
export function peel(garment: Mask, rgb: Uint8Array, seen: { colours: LocalColours; size: Size }): Mask {
  const { width } = seen.size;
  const out = garment.slice();
  let rim: number[] = [];
  for (let i = 0; i < out.length; i++) if (out[i] === 1 && isRim(out, i, width)) rim.push(i);
  for (let step = 0; step < STEPS && rim.length > 0; step++) {
    const off = rim.filter((i) => isTintedGround(rgb, i, seen.colours));
    for (const i of off) out[i] = 0;
    const next = new Set<number>();
    for (const i of off) for (const n of neighbours(i, width, out.length)) if (out[n] === 1) next.add(n);
    rim = [...next];
  }
  return out;
}

function isTintedGround(rgb: Uint8Array, i: number, colours: LocalColours): boolean {
  let along = 0;
  let length = 0;
  let whole = 0;
  for (let channel = 0; channel < 3; channel++) {
    const ground = colours.ground[channel]?.[i] ?? 0;
    const span = (colours.garment[channel]?.[i] ?? 0) - ground;
    const value = (rgb[i * 3 + channel] ?? 0) - ground;
    along += value * span;
    length += span * span;
    whole += value * value;
  }
  if (length < MIN_CONTRAST * MIN_CONTRAST) return false;
  const projection = along / length;
  const offLine = whole - projection * along;
  return projection < MAX_PROJECTION && offLine < MAX_OFF_LINE * MAX_OFF_LINE;
}

function isRim(mask: Mask, i: number, width: number): boolean {
  return neighbours(i, width, mask.length).some((n) => mask[n] === 0);
}

function neighbours(i: number, width: number, area: number): number[] {
  const x = i % width;
  const found: number[] = [];
  if (x > 0) found.push(i - 1);
  if (x < width - 1) found.push(i + 1);
  if (i >= width) found.push(i - width);
  if (i + width < area) found.push(i + width);
  return found;
}
