import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createVideoLabels, createVideoWatermark, filmFacts, findFfmpeg } from './index.ts';
import { CORNERS, labelRegion, type Region } from './visible.ts';
import { renderWatermark } from './watermark.ts';

const tool = { ffmpegPath: findFfmpeg(), timeoutMs: 60_000 };
const watermark = createVideoWatermark(tool);

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'ys-mark-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function film(ground: string): Buffer {
  const to = join(folder, 'film.mp4');
  const sources = ['-f', 'lavfi', '-i', `${ground}size=360x640:rate=12`, '-f', 'lavfi', '-i', 'sine=frequency=440'];
  const coded = ['-t', '2', '-c:v', 'libx264', '-pix_fmt', 'yuv420p', '-c:a', 'aac'];
  execFileSync(tool.ffmpegPath, ['-loglevel', 'error', '-y', ...sources, ...coded, to]);
  return readFileSync(to);
}

function frame(bytes: Buffer, at: string): Buffer {
  const [from, to] = [join(folder, 'read.mp4'), join(folder, 'frame.png')];
  writeFileSync(from, bytes);
  execFileSync(tool.ffmpegPath, ['-loglevel', 'error', '-y', '-ss', at, '-i', from, '-frames:v', '1', to]);
  return readFileSync(to);
}

const grey = (file: Buffer) => sharp(file).greyscale().raw().toBuffer();

/** Mean and largest change of grey, within the region and outside of it (edges of coding blocks left out). */
async function changes(before: Buffer, after: Buffer, region: Region): Promise<{ inside: number; outside: number }> {
  const [a, b] = await Promise.all([grey(before), grey(after)]);
  const sums = { inside: 0, outside: 0 };
  const counts = { inside: 0, outside: 0 };
  for (let y = 0; y < 640; y += 1)
    for (let x = 0; x < 360; x += 1) {
      const isIn =
        x >= region.left && x < region.left + region.width && y >= region.top && y < region.top + region.height;
      const where = isIn ? 'inside' : 'outside';
      sums[where] += Math.abs((a[y * 360 + x] ?? 0) - (b[y * 360 + x] ?? 0));
      counts[where] += 1;
    }
  return { inside: sums.inside / counts.inside, outside: sums.outside / counts.outside };
}

test.each(['color=white:', 'color=black:', 'color=gray:', 'testsrc='])(
  'the words stand in a film on %s from beginning to end, and nothing else changes',
  async (ground) => {
    const before = film(ground);
    const made = await watermark.draw(before, '云裳小店');
    expect(made).toMatchObject({ width: 360, height: 640 });
    expect(filmFacts(made.bytes)).toMatchObject({ width: 360, height: 640 });
    expect(Math.abs(filmFacts(made.bytes).durationMs - filmFacts(before).durationMs)).toBeLessThan(100);
    for (const at of ['0', '1', '1.8']) {
      const { inside, outside } = await changes(frame(before, at), frame(made.bytes, at), made.region);
      expect(inside).toBeGreaterThan(8);
      expect(outside).toBeLessThan(2);
    }
  },
);

test('the label that says AI made it still fits beside the words, and is read back', async () => {
  const labels = createVideoLabels(tool);
  const marked = await watermark.draw(film('testsrc='), '很长很长很长很长很长很长很长很长的店铺名字');
  const labelled = await labels.label(marked.bytes, { producer: '云裳', contentId: '1', visible: true });
  expect((await labels.read(labelled.bytes)).visible).toBe(labelled.corner);
});

test.each([
  { width: 1080, height: 1920 },
  { width: 1920, height: 1080 },
  { width: 96, height: 96 },
])('the longest words stay inside a film of $width × $height and clear of every corner', async (size) => {
  const { region } = await renderWatermark('衣'.repeat(40), size);
  expect(region.left).toBeGreaterThanOrEqual(0);
  expect(region.left + region.width).toBeLessThanOrEqual(size.width);
  expect(region.top + region.height).toBeLessThanOrEqual(size.height);
  for (const corner of CORNERS.filter((name) => size.width >= 360 || name.startsWith('bottom'))) {
    const label = labelRegion(size, corner);
    const isApart =
      label.left >= region.left + region.width ||
      label.left + label.width <= region.left ||
      label.top >= region.top + region.height ||
      label.top + label.height <= region.top;
    expect({ corner, isApart }).toEqual({ corner, isApart: true });
  }
});

test('markup is words, and a text of emoji alone is refused', async () => {
  const plain = await renderWatermark('<b>&', { width: 720, height: 720 });
  const bold = await renderWatermark('b', { width: 720, height: 720 });
  expect(plain.region.width).toBeGreaterThan(bold.region.width * 2);
  await expect(watermark.draw(film('color=white:'), '🎉\u{FE0F}')).rejects.toMatchObject({ reason: 'no_text' });
});
