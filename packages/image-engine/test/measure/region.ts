import { distanceTo } from '../../src/matte/distance.ts';
import { spreadFromFrame } from '../../src/matte/flood.ts';
import { invert, type Mask, type Size } from '../../src/matte/plane.ts';

/** An 8-bit RGB picture, packed. */
export type Rgb = { data: Uint8Array; size: Size };

export type Level = readonly [number, number, number];

/** Median colour of the outer 4 % of a picture. */
export function frameMedian(picture: Rgb): Level {
  const { width, height } = picture.size;
  const band = Math.round(0.04 * Math.min(width, height));
  const values: [number[], number[], number[]] = [[], [], []];
  for (let i = 0; i < width * height; i++) {
    const x = i % width;
    const y = (i - x) / width;
    if (x >= band && y >= band && x < width - band && y < height - band) continue;
    for (const c of [0, 1, 2] as const) values[c].push(picture.data[i * 3 + c] ?? 0);
  }
  return [middle(values[0]), middle(values[1]), middle(values[2])];
}

function middle(list: number[]): number {
  return list.sort((a, b) => a - b)[Math.floor(list.length / 2)] ?? 0;
}

/** Pixels of which every channel is within `levels` of a colour. */
export function near(picture: Rgb, colour: Level, levels: number): Mask {
  const out = new Uint8Array(picture.size.width * picture.size.height);
  for (let i = 0; i < out.length; i++) {
    let most = 0;
    for (const c of [0, 1, 2] as const) most = Math.max(most, Math.abs((picture.data[i * 3 + c] ?? 0) - colour[c]));
    out[i] = most <= levels ? 1 : 0;
  }
  return out;
}

/** What is near the ground's colour and connected to the frame. */
export function openGround(picture: Rgb, levels: number): Mask {
  return spreadFromFrame(near(picture, frameMedian(picture), levels), picture.size);
}

/** Takes `radius` pixels off a mask all around. */
export function erode(mask: Mask, size: Size, radius: number): Mask {
  const depth = distanceTo(invert(mask), size);
  return mask.map((_, i) => ((depth[i] ?? 0) > radius ? 1 : 0));
}
