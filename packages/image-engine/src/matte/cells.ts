import { areaOf, type Mask, type Plane, type Size } from './plane.ts';

/** A picture divided into squares of `side` pixels, for what holds nothing finer than them. */
export type Cells = { full: Size; size: Size; side: number };

export function divide(full: Size, side: number): Cells {
  return { full, side, size: { width: Math.ceil(full.width / side), height: Math.ceil(full.height / side) } };
}

/** A plane or mask, or one channel of pixels of `step` bytes that begins at byte `from` of them. */
export type Summed = { values: Plane | Uint8Array; step?: number; from?: number };

/** Sum over each cell of what lies where `where` is 1. */
export function sumCells(cells: Cells, { values, step = 1, from = 0 }: Summed, where: Mask): Plane {
  const { full, size, side } = cells;
  const { width } = full;
  const out = new Float32Array(areaOf(size));
  for (let y = 0; y < full.height; y++) {
    const row = Math.floor(y / side) * size.width;
    for (let x = 0, cell = row; x < width; cell++) {
      const end = Math.min(width, x + side);
      let sum = out[cell] ?? 0;
      for (; x < end; x++) {
        const i = y * width + x;
        if (where[i] === 1) sum += values[i * step + from] ?? 0;
      }
      out[cell] = sum;
    }
  }
  return out;
}

/** The plane of cells at full size, bilinearly. */
export function enlarge(cells: Cells, low: Plane): Plane {
  const { full, size, side } = cells;
  const { width } = full;
  const out = new Float32Array(areaOf(full));
  const columns = between(width, size.width, side);
  const rows = between(full.height, size.height, side);
  const line = new Float64Array(size.width);
  for (let y = 0; y < full.height; y++) {
    const top = (rows.at[y] ?? 0) * size.width;
    const below = (rows.next[y] ?? 0) * size.width;
    const fy = rows.share[y] ?? 0;
    for (let c = 0; c < line.length; c++) line[c] = (low[top + c] ?? 0) * (1 - fy) + (low[below + c] ?? 0) * fy;
    for (let x = 0; x < width; x++) {
      const fx = columns.share[x] ?? 0;
      out[y * width + x] = (line[columns.at[x] ?? 0] ?? 0) * (1 - fx) + (line[columns.next[x] ?? 0] ?? 0) * fx;
    }
  }
  return out;
}

/** For each pixel along one side, the two cells whose middles it lies between, and how far it is on its way to the second. */
function between(
  pixels: number,
  cells: number,
  side: number,
): { at: Int32Array; next: Int32Array; share: Float64Array } {
  const [at, next, share] = [new Int32Array(pixels), new Int32Array(pixels), new Float64Array(pixels)];
  for (let i = 0; i < pixels; i++) {
    const place = Math.min(cells - 1, Math.max(0, (i + 0.5) / side - 0.5));
    at[i] = Math.floor(place);
    next[i] = Math.min(cells - 1, Math.floor(place) + 1);
    share[i] = place - Math.floor(place);
  }
  return { at, next, share };
}
