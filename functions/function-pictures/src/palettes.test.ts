import { expect, test } from 'vitest';
import { contrast, readColor, readPalette } from './palettes.ts';

test('takes the template, red when none is named', () => {
  expect(readPalette({})).toEqual(readPalette({ template: 'red' }));
  expect(readPalette({ template: 'night' }).text).toBe('#fffffe');
});

test('takes single colours over the template', () => {
  const palette = readPalette({ template: 'mint', colors: { background: '#FFFFFF', accent: '#007700' } });
  expect(palette).toMatchObject({ ground: ['#ffffff', '#ffffff'], accent: '#007700', text: '#0d2b23' });
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

test('words can be read on every ground a member may choose', () => {
  const grounds = ['#000000', '#ffffff', '#d7263d', '#808080', '#f4c95d', '#232946', '#00ff00'];
  for (const template of ['red', 'cream', 'mint', 'night']) {
    for (const background of [...grounds, undefined]) {
      const { ground, text, accent, onAccent } = readPalette({ template, colors: { background } });
      for (const under of ground) {
        expect(contrast(text, under)).toBeGreaterThan(4);
        expect(contrast(accent, under)).toBeGreaterThan(3);
      }
      expect(contrast(onAccent, accent)).toBeGreaterThan(3);
    }
  }
});

test('contrast is that of WCAG', () => {
  expect(contrast('#000000', '#ffffff')).toBeCloseTo(21, 5);
  expect(contrast('#777777', '#ffffff')).toBeCloseTo(4.48, 2);
});
