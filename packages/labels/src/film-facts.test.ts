import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { filmFacts, findFfmpeg, LabelFailed } from './index.ts';
import { box, readBoxes } from './mp4-box.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'ys-film-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function film(...args: string[]): Buffer {
  const to = join(folder, 'film.mp4');
  const sources = ['-f', 'lavfi', '-i', 'testsrc=size=360x640:rate=10', '-f', 'lavfi', '-i', 'sine=frequency=440'];
  const coded = ['-c:v', 'libx264', '-preset', 'ultrafast', '-pix_fmt', 'yuv420p', '-c:a', 'aac'];
  execFileSync(findFfmpeg(), ['-loglevel', 'error', '-y', ...sources, ...coded, '-t', '1.5', ...args, to]);
  return readFileSync(to);
}

test.each([[['-movflags', '+faststart']], [[]], [['-an']]])('length and size are read from the index (%s)', (args) => {
  const facts = filmFacts(film(...args));
  expect(facts).toMatchObject({ width: 360, height: 640 });
  expect(Math.abs(facts.durationMs - 1_500)).toBeLessThan(60);
});

const reasonOf = (bytes: Buffer): string => {
  try {
    if (filmFacts(bytes).durationMs <= 0) return 'NO DURATION';
  } catch (error) {
    if (error instanceof LabelFailed) return error.reason;
    throw error;
  }
  return 'taken';
};

test('what is no film, has no pictures, or is coded as nobody here reads it, is refused', () => {
  const whole = film();
  expect(reasonOf(Buffer.alloc(0))).toBe('unsupported_format');
  expect(reasonOf(Buffer.from('GIF89a..........'))).toBe('unsupported_format');
  expect(reasonOf(film('-vn'))).toBe('corrupt');
  expect(reasonOf(film('-movflags', '+frag_keyframe+empty_moov'))).toBe('unsupported_layout');
  expect(reasonOf(whole.subarray(0, whole.length - 1))).toBe('truncated');
  const emptied = readBoxes(whole).map(({ type, raw }) => (type === 'mdat' ? box('mdat') : raw));
  expect(reasonOf(Buffer.concat(emptied))).toBe('corrupt');
  const recoded = Buffer.from(whole);
  recoded.write('vp09', recoded.indexOf('avc1', recoded.indexOf('stsd')), 'latin1');
  expect(reasonOf(recoded)).toBe('unsupported_format');
});

test('no cut and no flipped byte brings anything but a refusal', () => {
  const whole = film();
  const index = whole.indexOf('moov');
  for (let at = 0; at < 400; at += 7) {
    const bent = Buffer.from(whole);
    bent[(index + at) % bent.length] = (bent[(index + at) % bent.length] ?? 0) ^ 0xff;
    for (const bytes of [bent, whole.subarray(0, at * 31)]) expect(reasonOf(bytes)).toMatch(/^[a-z_]+$/);
  }
});
