import type { Plane, Size } from './plane.ts';

/** Largest value in a square of side 2 * radius + 1 (van Herk: three comparisons a pixel whatever the radius). */
export function localMax(source: Plane, size: Size, radius: number): Plane {
  const { width, height } = size;
  const out = new Float32Array(source.length);
  const row = createLineMax(width, radius);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) row.line[x] = source[y * width + x] ?? 0;
    row.run();
    for (let x = 0; x < width; x++) out[y * width + x] = row.line[x] ?? 0;
  }
  const column = createLineMax(height, radius);
  for (let x = 0; x < width; x++) {
    for (let y = 0; y < height; y++) column.line[y] = out[y * width + x] ?? 0;
    column.run();
    for (let y = 0; y < height; y++) out[y * width + x] = column.line[y] ?? 0;
  }
  return out;
}

/** A line buffer and a function that replaces it by its running maximum. */
function createLineMax(length: number, radius: number): { line: Float32Array; run: () => void } {
  const window = 2 * radius + 1;
  const padded = length + 2 * radius;
  const line = new Float32Array(length);
  const values = new Float32Array(padded).fill(-Infinity);
  const prefix = new Float32Array(padded);
  const suffix = new Float32Array(padded);
  const run = () => {
    values.set(line, radius);
    for (let i = 0; i < padded; i++) {
      const value = values[i] ?? 0;
      prefix[i] = i % window === 0 ? value : Math.max(prefix[i - 1] ?? 0, value);
    }
    for (let i = padded - 1; i >= 0; i--) {
      const value = values[i] ?? 0;
      suffix[i] = i === padded - 1 || (i + 1) % window === 0 ? value : Math.max(suffix[i + 1] ?? 0, value);
    }
    for (let i = 0; i < length; i++) line[i] = Math.max(suffix[i] ?? 0, prefix[i + window - 1] ?? 0);
  };
  return { line, run };
}
