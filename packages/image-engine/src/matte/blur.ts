import { areaOf, type Mask, type Plane, type Size } from './plane.ts';

/** Mean over a square of side 2 * radius + 1; at the border, over the part of the square inside the picture. */
export function boxBlur(source: Plane, size: Size, radius: number): Plane {
  if (radius < 1) return source.slice();
  const across = new Float32Array(source.length);
  const out = new Float32Array(source.length);
  for (let y = 0; y < size.height; y++) {
    const start = y * size.width;
    const end = start + size.width;
    blurRow(source.subarray(start, end), across.subarray(start, end), radius);
  }
  blurColumns(across, out, { size, radius });
  return out;
}

function blurRow(source: Plane, out: Plane, radius: number): void {
  const { length } = source;
  let sum = 0;
  let count = 0;
  for (let x = 0; x < Math.min(radius, length); x++) {
    sum += source[x] ?? 0;
    count++;
  }
  for (let x = 0; x < length; x++) {
    if (x + radius < length) {
      sum += source[x + radius] ?? 0;
      count++;
    }
    if (x - radius - 1 >= 0) {
      sum -= source[x - radius - 1] ?? 0;
      count--;
    }
    out[x] = sum / count;
  }
}

/** Walks rows, keeping a running sum for every column: the memory is read in order. */
function blurColumns(source: Plane, out: Plane, by: { size: Size; radius: number }): void {
  const { radius } = by;
  const { width, height } = by.size;
  const sums = new Float64Array(width);
  let count = 0;
  for (let y = 0; y < Math.min(radius, height); y++) {
    for (let x = 0; x < width; x++) sums[x] = (sums[x] ?? 0) + (source[y * width + x] ?? 0);
    count++;
  }
  for (let y = 0; y < height; y++) {
    const entering = y + radius;
    const leaving = y - radius - 1;
    if (entering < height) {
      for (let x = 0; x < width; x++) sums[x] = (sums[x] ?? 0) + (source[entering * width + x] ?? 0);
      count++;
    }
    if (leaving >= 0) {
      for (let x = 0; x < width; x++) sums[x] = (sums[x] ?? 0) - (source[leaving * width + x] ?? 0);
      count--;
    }
    for (let x = 0; x < width; x++) out[y * width + x] = (sums[x] ?? 0) / count;
  }
}

export function maskToPlane(mask: Mask, size: Size): Plane {
  const plane = new Float32Array(areaOf(size));
  for (let i = 0; i < plane.length; i++) plane[i] = mask[i] ?? 0;
  return plane;
}
