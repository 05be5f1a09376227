import { distanceTo } from './distance.ts';
import { invert, type Mask, type Size } from './plane.ts';

/** Steps the ground may still creep along passable pixels after the ball has been given back. */
const CREEP_STEPS = 2;

/**
 * The part of `passable` that a ball of `radius` pixels can roll to from outside the picture. The ball keeps the flood
 * from leaking into the garment through gaps the width of a pin.
 */
export function floodFromFrame(passable: Mask, size: Size, radius: number): Mask {
  const room = distanceTo(invert(passable), size);
  const centres = new Uint8Array(passable.length);
  for (let i = 0; i < centres.length; i++) centres[i] = (room[i] ?? 0) > radius ? 1 : 0;
  const reached = spreadFromFrame(centres, size);
  const toCentre = distanceTo(reached, size);
  const ground = new Uint8Array(passable.length);
  for (let i = 0; i < ground.length; i++) ground[i] = passable[i] === 1 && (toCentre[i] ?? 0) <= radius + 0.5 ? 1 : 0;
  for (let step = 0; step < CREEP_STEPS; step++) creep(ground, passable, size);
  return ground;
}

/** Pixels of `open` connected (4 neighbours) to the border of the picture. */
export function spreadFromFrame(open: Mask, size: Size): Mask {
  const { width, height } = size;
  const out = new Uint8Array(open.length);
  const queue = new Int32Array(open.length);
  let tail = 0;
  const push = (i: number) => {
    if (open[i] === 1 && out[i] === 0) {
      out[i] = 1;
      queue[tail++] = i;
    }
  };
  for (let x = 0; x < width; x++) {
    push(x);
    push((height - 1) * width + x);
  }
  for (let y = 0; y < height; y++) {
    push(y * width);
    push(y * width + width - 1);
  }
  for (let head = 0; head < tail; head++) {
    const i = queue[head] ?? 0;
    const x = i % width;
    if (x > 0) push(i - 1);
    if (x < width - 1) push(i + 1);
    if (i >= width) push(i - width);
    if (i + width < open.length) push(i + width);
  }
  return out;
}

function creep(ground: Mask, passable: Mask, size: Size): void {
  const { width } = size;
  const before = ground.slice();
  for (let i = 0; i < ground.length; i++) {
    if (before[i] === 1 || passable[i] === 0) continue;
    const x = i % width;
    const beside =
      (x > 0 && before[i - 1] === 1) ||
      (x < width - 1 && before[i + 1] === 1) ||
      before[i - width] === 1 ||
      before[i + width] === 1;
    if (beside) ground[i] = 1;
  }
}
