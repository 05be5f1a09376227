import { describe, expect, it } from 'vitest';
import { chooseExposure, gainAt } from './exposure.ts';
import { finishOnWhite } from './finish.ts';
import { unsharpChange } from './sharpen.ts';

const size = { width: 24, height: 24 };

function cutOut(colour: readonly [number, number, number], alpha: (x: number, y: number) => number): Buffer {
  const rgba = Buffer.alloc(size.width * size.height * 4);
  for (let i = 0; i < size.width * size.height; i++) {
    rgba.set([...colour, alpha(i % size.width, Math.floor(i / size.width))], i * 4);
  }
  return rgba;
}

const solid = (colour: readonly [number, number, number]) => cutOut(colour, (x) => (x < 12 ? 255 : 0));

describe('exposure', () => {
  it('lifts what the ground shows to be dark, within bounds', () => {
    expect(chooseExposure(solid([120, 60, 60]), [246, 246, 246]).gain).toBeCloseTo(1.083, 2);
    expect(chooseExposure(solid([120, 60, 60]), [190, 190, 190]).gain).toBe(1.12);
    expect(chooseExposure(solid([120, 60, 60]), [255, 255, 255]).gain).toBe(1);
    expect(chooseExposure(solid([120, 60, 60]), undefined).gain).toBe(1.04);
  });

  it('leaves bright cloth its texture', () => {
    expect(chooseExposure(solid([245, 245, 245]), [230, 230, 230]).gain).toBeLessThan(1.02);
  });

  it('takes out a cast of the ground, six percent at most', () => {
    const { balance } = chooseExposure(solid([120, 60, 60]), [244, 236, 222]);
    expect(balance[0]).toBeCloseTo(0.94, 2);
    expect(balance[2]).toBeCloseTo(1.06, 2);
  });

  it('never darkens and never passes white', () => {
    for (let peak = 0.01; peak <= 1; peak += 0.01) {
      expect(peak * gainAt(peak, 1.12)).toBeLessThanOrEqual(1);
      expect(gainAt(peak, 1.12)).toBeGreaterThanOrEqual(1 - 1e-9);
    }
  });
});

describe('the finish', () => {
  it('gives pure white outside and keeps the hue inside', () => {
    const rgb = finishOnWhite(solid([140, 60, 40]), size, [235, 235, 235]);
    expect([...rgb.subarray(20 * 3, 20 * 3 + 3)]).toEqual([255, 255, 255]);
    const [red = 0, green = 0, blue = 0] = rgb.subarray(3 * 3, 3 * 3 + 3);
    expect(red).toBeGreaterThan(140);
    expect((green - blue) / (red - blue)).toBeCloseTo(0.2, 1);
  });

  it('mixes half transparent pixels with white', () => {
    const rgb = finishOnWhite(
      cutOut([100, 100, 100], () => 128),
      size,
      undefined,
    );
    expect(Math.abs((rgb[300] ?? 0) - 179)).toBeLessThan(4);
  });

  it('does not burn white cloth out', () => {
    const woven = cutOut([0, 0, 0], () => 255);
    for (let i = 0; i < size.width * size.height; i++) woven.fill(i % 2 === 0 ? 238 : 248, i * 4, i * 4 + 3);
    const rgb = finishOnWhite(woven, size, [240, 240, 240]);
    expect(rgb.includes(255)).toBe(false);
  });
});

describe('sharpening', () => {
  it('deepens a step inside, within its bound, and leaves the outline alone', () => {
    const length = size.width * size.height;
    const step = Float32Array.from({ length }, (_, i) => (i % size.width < 12 ? 0.2 : 0.9));
    const opaque = new Float32Array(length).fill(1);
    const change = unsharpChange(step, opaque, size);
    expect(change[12 * 24 + 11]).toBeCloseTo(-0.06);
    expect(change[12 * 24 + 12]).toBeCloseTo(0.06);
    const cut = Float32Array.from({ length }, (_, i) => (i % size.width < 12 ? 1 : 0));
    expect(Math.abs(unsharpChange(step, cut, size)[12 * 24 + 11] ?? 1)).toBeLessThan(0.01);
  });
});
