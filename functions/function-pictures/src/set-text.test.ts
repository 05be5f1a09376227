import sharp from 'sharp';
import { expect, test } from 'vitest';
import { setText } from './set-text.ts';
import type { TextToSet } from './set-text.ts';

const line = { weight: 'bold', sizePx: 60, color: '#102030', maxWidthPx: 800 } as const satisfies Partial<TextToSet>;

async function ink(text: string, changes: Partial<TextToSet> = {}) {
  const { input, width, height } = await setText({ ...line, text, ...changes });
  return { width, height, pixels: await sharp(input).raw().toBuffer() };
}

/** All the ink together. */
function weigh({ pixels }: { pixels: Buffer }) {
  return pixels.filter((_, i) => i % 4 === 3).reduce((sum, alpha) => sum + alpha, 0);
}

test('draws Chinese letters, not the box of a missing one', async () => {
  const missing = await ink('\u{10ffff}');
  const letters = await Promise.all(['秋', '装', '龘', '¥', 'é'].map((letter) => ink(letter)));
  for (const letter of letters) expect(letter.pixels.equals(missing.pixels)).toBe(false);
  expect(letters[0]?.pixels.equals(letters[1]?.pixels ?? Buffer.alloc(0))).toBe(false);
});

test('takes the colour and the weight', async () => {
  const bold = await ink('秋装');
  const regular = await ink('秋装', { weight: 'regular' });
  const solid = Array.from({ length: bold.pixels.length / 4 }, (_, i) => bold.pixels.subarray(i * 4, i * 4 + 4)).filter(
    (pixel) => pixel[3] === 255,
  );
  expect(solid.length).toBeGreaterThan(0);
  expect(solid.every((pixel) => pixel[0] === 0x10 && pixel[1] === 0x20 && pixel[2] === 0x30)).toBe(true);
  expect(weigh(bold)).toBeGreaterThan(weigh(regular) * 1.15);
});

test('makes a long line smaller until it fits, and breaks it only where that would cost too much', async () => {
  const wanted = { sizePx: 84, minSizePx: 48, maxLines: 2, maxWidthPx: 936 };
  const short = await ink('秋装上新', wanted);
  const longer = await ink('秋装上新玫瑰真丝衬衫女', { ...wanted, maxWidthPx: 820 });
  const longest = await ink('夜色限定系列真丝雪纺长袖衬衫女装秋季新品限量发售', wanted);
  expect(longer.height).toBeLessThan(short.height);
  expect(longest.height).toBeGreaterThan(short.height * 1.5);
  for (const { width } of [short, longer, longest]) expect(width).toBeLessThanOrEqual(936);
});

test('takes < and & as letters', async () => {
  const plain = await ink('AB');
  expect((await ink('A<b>B&amp;')).width).toBeGreaterThan(plain.width * 2);
});

test('leaves emoji out, which the font does not have', async () => {
  expect((await ink('秋装🎉❤️上新👩‍🦰')).pixels).toEqual((await ink('秋装上新')).pixels);
  expect((await ink('©')).width).toBeGreaterThan(10);
  await expect(ink('🎉 ❤️')).rejects.toMatchObject({ code: 'INPUT_REFUSED' });
});
