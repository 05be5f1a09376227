import { areaOf, type Plane, type Size } from './plane.ts';

/** A picture divided into squares of `side` pixels, for what holds nothing finer than them. */
export type Cells = { full: Size; size: Size; side: number };

export function divide(full: Size, side: number): Cells {
  return { full, side, size: { width: Math.ceil(full.width / side), height: Math.ceil(full.height / side) } };
}

/** Sum of `value` over each cell. */
export function sumCells(cells: Cells, value: (i: number) => number): Plane {
  const { full, size, side } = cells;
  const out = new Float32Array(areaOf(size));
  for (let y = 0; y < full.height; y++) {
    const row = Math.floor(y / side) * size.width;
    for (let x = 0; x < full.width; x++) {
      const at = row + Math.floor(x / side);
      out[at] = (out[at] ?? 0) + value(y * full.width + x);
    }
  }
  return out;
}

/** The plane of cells at full size, bilinearly. */
export function enlarge(cells: Cells, low: Plane): Plane {
  const { full, size, side } = cells;
  const out = new Float32Array(areaOf(full));
  for (let y = 0; y < full.height; y++) {
    const v = Math.min(size.height - 1, Math.max(0, (y + 0.5) / side - 0.5));
    const top = Math.floor(v) * size.width;
    const below = Math.floor(v) < size.height - 1 ? size.width : 0;
    const fy = v - Math.floor(v);
    for (let x = 0; x < full.width; x++) {
      const u = Math.min(size.width - 1, Math.max(0, (x + 0.5) / side - 0.5));
      const left = Math.floor(u);
      const right = left < size.width - 1 ? 1 : 0;
      const at = top + left;
      const fx = u - left;
      const upper = (low[at] ?? 0) * (1 - fx) + (low[at + right] ?? 0) * fx;
      const lower = (low[at + below] ?? 0) * (1 - fx) + (low[at + below + right] ?? 0) * fx;
      out[y * full.width + x] = upper * (1 - fy) + lower * fy;
    }
  }
  return out;
}
