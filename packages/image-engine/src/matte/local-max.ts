import { areaOf, type Plane, type Size } from './plane.ts';

/** Pixels a side of a pooled cell: the reach is uneven by one pixel, for a quarter of the work. */
const CELL = 2;

/** Largest value within about `radius` pixels of each pixel, in a square. */
export function localMax(source: Plane, size: Size, radius: number): Plane {
  const cells = { width: Math.ceil(size.width / CELL), height: Math.ceil(size.height / CELL) };
  const pooled = new Float32Array(areaOf(cells)).fill(-Infinity);
  for (let y = 0; y < size.height; y++) {
    const row = (y >> 1) * cells.width;
    for (let x = 0; x < size.width; x++) {
      const at = row + (x >> 1);
      const value = source[y * size.width + x] ?? 0;
      if (value > (pooled[at] ?? 0)) pooled[at] = value;
    }
  }
  spread(pooled, cells, Math.max(1, Math.round(radius / CELL)));
  const out = new Float32Array(source.length);
  for (let y = 0; y < size.height; y++) {
    const row = (y >> 1) * cells.width;
    for (let x = 0; x < size.width; x++) out[y * size.width + x] = pooled[row + (x >> 1)] ?? 0;
  }
  return out;
}

/** Running maximum along rows, then along columns, in place. */
function spread(plane: Plane, size: Size, radius: number): void {
  const { width, height } = size;
  const row = createLineMax(width, radius);
  for (let y = 0; y < height; y++) {
    row.line.set(plane.subarray(y * width, (y + 1) * width));
    row.run();
    plane.set(row.line, y * width);
  }
  const column = createLineMax(height, radius);
  for (let x = 0; x < width; x++) {
    for (let y = 0; y < height; y++) column.line[y] = plane[y * width + x] ?? 0;
    column.run();
    for (let y = 0; y < height; y++) plane[y * width + x] = column.line[y] ?? 0;
  }
}

/** A line buffer and a function that replaces it by its running maximum (van Herk: three comparisons a value). */
function createLineMax(length: number, radius: number): { line: Float32Array; run: () => void } {
  const window = 2 * radius + 1;
  const padded = length + 2 * radius;
  const line = new Float32Array(length);
  const values = new Float32Array(padded).fill(-Infinity);
  const prefix = new Float32Array(padded);
  const suffix = new Float32Array(padded);
  const run = () => {
    values.set(line, radius);
    for (let from = 0; from < padded; from += window) {
      const end = Math.min(padded, from + window);
      let most = -Infinity;
      for (let i = from; i < end; i++) prefix[i] = most = Math.max(most, values[i] ?? 0);
      most = -Infinity;
      for (let i = end - 1; i >= from; i--) suffix[i] = most = Math.max(most, values[i] ?? 0);
    }
    for (let i = 0; i < length; i++) line[i] = Math.max(suffix[i] ?? 0, prefix[i + window - 1] ?? 0);
  };
  return { line, run };
}
