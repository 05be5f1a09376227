import type { Mask, Size } from './plane.ts';

/** Pixel indices of each connected region of ones (4 neighbours), largest first. */
export function findRegions(mask: Mask, size: Size): Int32Array[] {
  const { width } = size;
  const seen = new Uint8Array(mask.length);
  const queue = new Int32Array(mask.length);
  const regions: Int32Array[] = [];
  for (let start = 0; start < mask.length; start++) {
    if (mask[start] === 0 || seen[start] === 1) continue;
    let tail = 0;
    const push = (i: number) => {
      if (mask[i] === 1 && seen[i] === 0) {
        seen[i] = 1;
        queue[tail++] = i;
      }
    };
    push(start);
    for (let head = 0; head < tail; head++) {
      const i = queue[head] ?? 0;
      const x = i % width;
      if (x > 0) push(i - 1);
      if (x < width - 1) push(i + 1);
      if (i >= width) push(i - width);
      if (i + width < mask.length) push(i + width);
    }
    regions.push(queue.slice(0, tail));
  }
  return regions.sort((a, b) => b.length - a.length);
}

/** Clears every region smaller than `share` of the largest one: dust, labels, JPEG islands. */
export function dropSmallRegions(mask: Mask, size: Size, share: number): Mask {
  const regions = findRegions(mask, size);
  const least = (regions[0]?.length ?? 0) * share;
  const out = new Uint8Array(mask.length);
  for (const region of regions) {
    if (region.length < least) break;
    for (const i of region) out[i] = 1;
  }
  return out;
}
