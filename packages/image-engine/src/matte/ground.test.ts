import { describe, expect, it } from 'vitest';
import { greyLab, isInBox } from '../../test/fixtures/planes.ts';
import { createRandom, gaussian } from '../../test/synthetic/random.ts';
import { followGround } from './follow-ground.ts';
import { fitGround } from './ground.ts';

const size = { width: 160, height: 200 };
const at = (x: number, y: number) => y * size.width + x;
const garment = isInBox([50, 60, 110, 140]);

const light = (x: number, y: number) => 90 - 6 * (y / 200) - 5 * (x / 160 - 0.5) ** 2;
const lit = (x: number, y: number) => 85 + 1.2 * Math.sin(x / 26) * Math.sin(y / 30);
const error = (l: Float32Array) => Math.abs((l[at(35, 45)] ?? 0) - lit(35, 45));

describe('the ground', () => {
  it('is followed through a gradient and a vignette under the garment', () => {
    const ground = fitGround(
      greyLab(size, (x, y) => (garment(x, y) ? 30 : light(x, y))),
      size,
    );
    expect(ground.sigma).toBeLessThan(0.05);
    expect(ground.inlierShare).toBe(1);
    expect(ground.field.l[at(80, 100)]).toBeCloseTo(light(80, 100), 1);
  });

  it('is not pulled by a garment that touches the frame', () => {
    const wide = isInBox([0, 60, 160, 110]);
    const ground = fitGround(
      greyLab(size, (x, y) => (wide(x, y) ? 40 : 92)),
      size,
    );
    expect(ground.field.l[at(0, 80)]).toBeCloseTo(92, 1);
    expect(ground.inlierShare).toBeLessThan(0.9);
    expect(ground.sigma).toBeLessThan(0.05);
  });

  it('measures its own noise', () => {
    const random = createRandom(5);
    const lab = greyLab(size, () => 80);
    for (const plane of [lab.l, lab.a, lab.b]) plane.forEach((value, i) => (plane[i] = value + 0.5 * gaussian(random)));
    expect(Math.abs(fitGround(lab, size).sigma - 0.5)).toBeLessThan(0.1);
  });

  it('shows a large spread or few inliers when it is busy', () => {
    const checked = fitGround(
      greyLab(size, (x, y) => (((x >> 3) + (y >> 3)) % 2 === 0 ? 80 : 60)),
      size,
    );
    expect(checked.sigma > 1.2 || checked.inlierShare < 0.6).toBe(true);
  });

  it('is bent to what the frame does not show', () => {
    const lab = greyLab(size, (x, y) => (garment(x, y) ? 20 : lit(x, y)));
    const { field } = fitGround(lab, size);
    const bent = followGround(lab, field, { size, scale: 0.4, tolerance: 1.5, ballRadius: 3, jpegScale: 1 });
    expect(error(bent.l)).toBeLessThan(error(field.l) / 2);
  });
});
