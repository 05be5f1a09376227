import { expect, test } from 'vitest';
import { readColor, readPalette } from './palettes.ts';

test('takes the template, red when none is named', () => {
  expect(readPalette({})).toEqual(readPalette({ template: 'red' }));
  expect(readPalette({ template: 'night' }).text).toBe('#fffffe');
});

test('takes single colours over the template', () => {
  const palette = readPalette({ template: 'mint', colors: { background: '#FFFFFF', accent: '#00ff00' } });
  expect(palette).toMatchObject({ ground: ['#ffffff', '#ffffff'], accent: '#00ff00', text: '#0d2b23' });
});

test.each([
  [{ template: 'neon' }, 'template is none of red, cream, mint, night'],
  [{ template: 'toString' }, 'template is none of'],
  [{ colors: 'red' }, 'colors is no object'],
  [{ colors: { accent: '"/><script>' } }, 'colors.accent is no colour'],
])('refuses %j', (input, message) => {
  expect(() => readPalette(input)).toThrow(message);
});

test('a colour may be absent', () => {
  expect([undefined, null, ''].map((value) => readColor(value, 'background'))).toEqual([
    undefined,
    undefined,
    undefined,
  ]);
});
