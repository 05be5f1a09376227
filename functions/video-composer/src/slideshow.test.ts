import { expect, test } from 'vitest';
import { durationMs, framesOf, slideshowArguments } from './slideshow.ts';

test('is as long as its pictures together, in whole frames', () => {
  const show = { files: ['a.png', 'b.png', 'c.png'], framesPerImage: framesOf(1.5), output: 'o.mp4' };
  expect(show.framesPerImage).toBe(38);
  expect(durationMs(show)).toBe(4_560);
  expect(slideshowArguments(show).join(' ')).toContain('-frames:v 114 ');
});
