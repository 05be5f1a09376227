import { describe, expect, it } from 'vitest';
import { isInBox, maskOf, planeOf, rgbOf } from '../../test/fixtures/planes.ts';
import { matte } from './alpha.ts';
import { localColours } from './colours.ts';
import { peel } from './peel.ts';

const size = { width: 60, height: 60 };
const at = (x: number, y: number) => y * size.width + x;
const box = isInBox([20, 20, 60, 60]);
const BLUE = [30, 50, 160] as const;
const GREY = [230, 230, 230] as const;
const mix = (share: number): [number, number, number] => [
  Math.round(BLUE[0] * share + GREY[0] * (1 - share)),
  Math.round(BLUE[1] * share + GREY[1] * (1 - share)),
  Math.round(BLUE[2] * share + GREY[2] * (1 - share)),
];

/** Blue on grey with a column of mixed pixels between them. */
function scene(edge: number) {
  const rgb = rgbOf(size, (x, y) => (x === 19 && y >= 20 ? mix(edge) : box(x, y) ? BLUE : GREY));
  const garment = maskOf(size, (x, y) => box(x, y) || (x === 19 && y >= 20 && edge > 0.05));
  const distance = planeOf(size, (x, y) => (box(x, y) ? 60 : x === 19 && y >= 20 ? 60 * edge : 0));
  return { rgb, garment, colours: localColours(rgb, { garment, distance }, size) };
}

describe('alpha', () => {
  it("of a mixed pixel is its share of garment, and its colour the garment's own", () => {
    const { rgb, garment, colours } = scene(0.5);
    const { rgba } = matte({ rgb, size }, { garment, size, colours });
    const i = at(19, 40) * 4;
    expect(Math.abs((rgba[i + 3] ?? 0) / 255 - 0.51)).toBeLessThan(0.08);
    BLUE.forEach((value, c) => expect(Math.abs((rgba[i + c] ?? 0) - value)).toBeLessThan(26));
    expect(rgba[at(40, 40) * 4 + 3]).toBe(255);
    expect(rgba[at(5, 40) * 4 + 3]).toBe(0);
  });

  it('follows the mask where colour cannot tell, and says how much of the outline that is', () => {
    const rgb = rgbOf(size, (x, y) => (box(x, y) ? [228, 228, 228] : GREY));
    const garment = maskOf(size, box);
    const colours = localColours(rgb, { garment, distance: planeOf(size, () => 1) }, size);
    const { rgba, outline } = matte({ rgb, size }, { garment, size, colours });
    expect(outline.lowContrastShare).toBe(1);
    expect(rgba[at(17, 40) * 4 + 3]).toBeLessThan(rgba[at(21, 40) * 4 + 3] ?? 0);
    expect(matte({ rgb: scene(0.5).rgb, size }, { ...scene(0.5), size }).outline.lowContrastShare).toBe(0);
  });

  it('is found at full size from a mask of half the size', () => {
    const full = { width: 120, height: 120 };
    const rgb = rgbOf(full, (x, y) => (x >= 40 && y >= 40 ? BLUE : GREY));
    const { garment, colours } = scene(1);
    const { rgba } = matte({ rgb, size: full }, { garment: maskOf(size, box), size, colours });
    const alpha = (x: number) => rgba[(80 * 120 + x) * 4 + 3];
    expect([alpha(37), alpha(38), alpha(39), alpha(40), alpha(41)]).toEqual([0, 0, 0, 255, 255]);
    expect(garment).toHaveLength(3600);
  });
});

describe('peeling', () => {
  it('takes tinted ground off the rim and stops at the garment', () => {
    const rgb = rgbOf(size, (x, y) => (box(x, y) ? BLUE : x >= 18 && y >= 20 ? mix(0.06) : GREY));
    const garment = maskOf(size, isInBox([18, 20, 60, 60]));
    const distance = planeOf(size, (x, y) => (box(x, y) ? 60 : 4));
    const colours = localColours(rgb, { garment, distance }, size);
    const peeled = peel(garment, rgb, { colours, size });
    expect(peeled[at(18, 40)]).toBe(0);
    expect(peeled[at(20, 40)]).toBe(1);
  });
});
