import { describe, expect, it } from 'vitest';
import { greyLab, isInBox, maskOf, planeOf } from '../../test/fixtures/planes.ts';
import { dropCrumbs } from './crumbs.ts';
import { floodFromFrame } from './flood.ts';
import { findHoles } from './holes.ts';
import { invert } from './plane.ts';
import { findPassable, residualTo } from './residual.ts';
import { growThroughShadow } from './shadow.ts';

const size = { width: 120, height: 120 };
const at = (x: number, y: number) => y * size.width + x;
const box = isInBox([30, 30, 90, 90]);
const white = greyLab(size, () => 92);

describe('passable pixels', () => {
  it('are those within the tolerance of the ground', () => {
    const lab = greyLab(size, (x) => 92 + (x < 60 ? 0.5 : 3));
    const passable = findPassable(residualTo(lab, white), size, { tolerance: 1, jpegScale: 1 });
    expect(passable[at(20, 60)]).toBe(1);
    expect(passable[at(100, 60)]).toBe(0);
  });

  it('may ring beside a strong edge, where jpeg does', () => {
    const lab = greyLab(size, (x, y) => (box(x, y) ? 20 : box(x + 6, y) ? 94 : 92));
    const passable = findPassable(residualTo(lab, white), size, { tolerance: 1, jpegScale: 1 });
    expect(passable[at(26, 60)]).toBe(1);
    expect(passable[at(60, 60)]).toBe(0);
  });
});

const ringWithGap = (gap: number) => (x: number, y: number) =>
  !(box(x, y) && !isInBox([36, 36, 84, 84])(x, y)) || (x < 60 && y >= 60 && y < 60 + gap);

describe('the flood', () => {
  it('rolls through gaps wider than its ball and not through pin gaps', () => {
    expect(floodFromFrame(maskOf(size, ringWithGap(12)), size, 3)[at(60, 60)]).toBe(1);
    expect(floodFromFrame(maskOf(size, ringWithGap(3)), size, 3)[at(60, 60)]).toBe(0);
  });

  it('gives the ball back, so that corners and the frame are reached', () => {
    const ground = floodFromFrame(
      maskOf(size, (x, y) => !box(x, y)),
      size,
      3,
    );
    for (const [x, y] of [
      [0, 0],
      [29, 60],
      [60, 29],
      [119, 119],
    ] as const)
      expect(ground[at(x, y)]).toBe(1);
    expect(ground[at(30, 60)]).toBe(0);
  });
});

const shadowed = (x: number, y: number) =>
  box(x, y) ? 40 : y >= 90 && x >= 30 && x < 90 ? 92 - 8 * Math.exp(-(y - 90) / 8) : 92;
const growShadow = (lightness: (x: number, y: number) => number, tint = 0) => {
  const lab = greyLab(size, lightness);
  lab.b.forEach((_, i) => (lab.b[i] = (lab.l[i] ?? 0) < 90 ? tint : 0));
  const residual = residualTo(lab, white);
  const ground = maskOf(size, (x, y) => Math.abs(lightness(x, y) - 92) < 1);
  return growThroughShadow(ground, { lab, residual }, { size, scale: 1, sigma: 0.5 });
};

describe('a contact shadow', () => {
  it('joins the ground as far as it is soft', () => {
    const grown = growShadow(shadowed);
    expect(grown[at(60, 93)]).toBe(1);
    expect(grown[at(60, 80)]).toBe(0);
  });

  it('does not when it is coloured: that is cloth', () => {
    expect(growShadow(shadowed, 8)[at(60, 93)]).toBe(0);
  });
});

const hole = isInBox([50, 50, 66, 66]);
const find = (lightness: (x: number, y: number) => number) => {
  const residual = residualTo(greyLab(size, lightness), white);
  const passable = findPassable(residual, size, { tolerance: 0.6, jpegScale: 1 });
  return findHoles(maskOf(size, box), { passable, distance: residual.d }, { size, scale: 1, sigma: 0 });
};

describe('holes', () => {
  it('open where the ground shows through', () => {
    const holes = find((x, y) => (box(x, y) && !hole(x, y) ? 40 : 92));
    expect(holes[at(58, 58)]).toBe(1);
    expect(holes[at(40, 40)]).toBe(0);
  });

  it('do not open in a garment with pale patches of its own', () => {
    const patch = isInBox([32, 70, 60, 88]);
    const holes = find((x, y) => (patch(x, y) ? 93.2 : box(x, y) && !hole(x, y) ? 40 : 92));
    expect(holes[at(58, 58)]).toBe(0);
  });

  it('do not open for specks', () => {
    expect(find((x, y) => (box(x, y) && !isInBox([50, 50, 54, 54])(x, y) ? 40 : 92))[at(52, 52)]).toBe(0);
  });
});

describe('crumbs', () => {
  it('hanging on the outline fall off, the garment stays', () => {
    const crumb = isInBox([84, 22, 94, 30]);
    const garment = maskOf(size, (x, y) => box(x, y) || crumb(x, y));
    const big = { width: 240, height: 240 };
    const wide = maskOf(big, (x, y) => isInBox([20, 30, 220, 220])(x, y) || isInBox([100, 24, 106, 30])(x, y));
    const distance = planeOf(big, (x, y) => (isInBox([20, 30, 220, 220])(x, y) ? 50 : 4));
    const cleared = dropCrumbs(wide, distance, big);
    expect(cleared[25 * 240 + 103]).toBe(0);
    expect(cleared[31 * 240 + 103]).toBe(1);
    expect(
      dropCrumbs(
        garment,
        planeOf(size, () => 50),
        size,
      )[at(90, 25)],
    ).toBe(1);
  });

  it('that lie apart and are pale are the ends of a shadow', () => {
    const island = isInBox([5, 100, 60, 110]);
    const garment = maskOf(size, (x, y) => box(x, y) || island(x, y));
    const cleared = dropCrumbs(
      garment,
      planeOf(size, (x, y) => (island(x, y) ? 3 : 50)),
      size,
    );
    expect(cleared[at(30, 105)]).toBe(0);
    expect(invert(cleared)[at(60, 60)]).toBe(0);
  });
});
