import { expect, test } from 'vitest';
import { durationMs, slideshowArguments } from './slideshow.ts';

test('is as long as its pictures together', () => {
  const show = { files: ['a.png', 'b.png', 'c.png'], secondsPerImage: 2, output: 'o.mp4' };
  expect(durationMs(show)).toBe(6_000);
  expect(slideshowArguments(show).join(' ')).toContain('-t 6 ');
});
