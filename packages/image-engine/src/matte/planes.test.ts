import { describe, expect, it } from 'vitest';
import { isInBox, maskOf, planeOf } from '../../test/fixtures/planes.ts';
import { boxBlur } from './blur.ts';
import { divide, enlarge, sumCells } from './cells.ts';
import { dropSmallRegions, findRegions } from './components.ts';
import { distanceTo } from './distance.ts';
import { toLab } from './lab.ts';
import { localMax } from './local-max.ts';
import { countOnes, quantile } from './plane.ts';

const size = { width: 40, height: 30 };
const at = (x: number, y: number) => y * size.width + x;

describe('lab', () => {
  it('gives the published values for white, black, grey and the primaries', () => {
    const rgb = Uint8Array.of(255, 255, 255, 0, 0, 0, 119, 119, 119, 255, 0, 0, 0, 0, 255);
    const lab = toLab(rgb, { width: 5, height: 1 });
    const expected = [
      [100, 0, 0],
      [0, 0, 0],
      [50.03, 0, 0],
      [53.24, 80.09, 67.2],
      [32.3, 79.19, -107.86],
    ];
    expected.forEach(([l = 0, a = 0, b = 0], i) => {
      expect(lab.l[i]).toBeCloseTo(l, 1);
      expect(Math.abs((lab.a[i] ?? 99) - a)).toBeLessThan(0.06);
      expect(Math.abs((lab.b[i] ?? 99) - b)).toBeLessThan(0.06);
    });
  });
});

describe('blur', () => {
  it('keeps a flat plane flat up to the border, and spreads a point evenly', () => {
    expect(
      [
        ...boxBlur(
          planeOf(size, () => 7),
          size,
          5,
        ),
      ].every((value) => Math.abs(value - 7) < 1e-5),
    ).toBe(true);
    const point = boxBlur(
      planeOf(size, (x, y) => (x === 20 && y === 15 ? 25 : 0)),
      size,
      2,
    );
    expect(point[at(18, 13)]).toBeCloseTo(1);
    expect(point[at(17, 15)]).toBe(0);
  });
});

describe('cells', () => {
  it('sum what is inside them and enlarge smoothly', () => {
    const cells = divide({ width: 7, height: 5 }, 2);
    expect(cells.size).toEqual({ width: 4, height: 3 });
    const where = new Uint8Array(35).fill(1);
    expect([...sumCells(cells, { values: where }, where)]).toEqual([4, 4, 4, 2, 4, 4, 4, 2, 2, 2, 2, 1]);
    const pixels = Float32Array.from({ length: 70 }, (_, i) => i % 2);
    where[1] = 0;
    expect([...sumCells(cells, { values: pixels, step: 2, from: 1 }, where)].slice(0, 4)).toEqual([3, 4, 4, 2]);
    const ramp = enlarge(
      cells,
      Float32Array.from({ length: 12 }, (_, i) => i % 4),
    );
    expect(ramp[0]).toBe(0);
    expect(ramp[2]).toBeCloseTo(0.75);
    expect(ramp[6]).toBeCloseTo(2.75);
  });
});

describe('local maximum', () => {
  it('reaches about its radius and no farther than a pooled cell more', () => {
    const max = localMax(
      planeOf(size, (x, y) => (x === 20 && y === 15 ? 5 : 0)),
      size,
      4,
    );
    expect(max[at(16, 11)]).toBe(5);
    expect(max[at(24, 15)]).toBe(5);
    expect(max[at(27, 15)]).toBe(0);
    expect(max[at(20, 8)]).toBe(0);
  });
});

describe('distance', () => {
  it('is within 8 % of the straight line', () => {
    const distance = distanceTo(
      maskOf(size, (x, y) => x === 5 && y === 5),
      size,
    );
    for (const [x, y] of [
      [5, 5],
      [25, 5],
      [15, 15],
      [30, 17],
    ] as const) {
      const exact = Math.hypot(x - 5, y - 5);
      expect(distance[at(x, y)]).toBeGreaterThanOrEqual(exact - 1e-4);
      expect(distance[at(x, y)]).toBeLessThanOrEqual(exact * 1.083 + 1e-4);
    }
  });
});

describe('regions', () => {
  const big = isInBox([2, 2, 20, 20]);
  const small = isInBox([30, 2, 33, 5]);
  const mask = maskOf(size, (x, y) => big(x, y) || small(x, y));

  it('come largest first, and touch only across and down', () => {
    expect(findRegions(mask, size).map((region) => region.length)).toEqual([324, 9]);
    expect(
      findRegions(
        maskOf(size, (x, y) => x === y && x < 3),
        size,
      ),
    ).toHaveLength(3);
  });

  it('below a share of the largest are dropped', () => {
    expect(countOnes(dropSmallRegions(mask, size, 0.1))).toBe(324);
    expect(countOnes(dropSmallRegions(mask, size, 0.01))).toBe(333);
  });
});

describe('quantile', () => {
  it('counts from below', () => {
    expect(quantile(Float32Array.of(3, 1, 2, 4), 0.5)).toBe(3);
    expect(quantile(new Float32Array(), 0.5)).toBe(0);
  });
});
