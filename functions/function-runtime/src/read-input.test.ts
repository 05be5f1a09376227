import { describe, expect, test } from 'vitest';
import { optionalInteger, optionalNumber, optionalText, requiredText } from './read-input.ts';

describe('a line of text', () => {
  test('is trimmed and normalised', () => {
    expect(requiredText({ title: '  秋装 cafe\u0301 ' }, 'title', 10)).toBe('秋装 caf\u00e9');
  });

  test('may be a number', () => {
    expect(requiredText({ price: 199 }, 'price', 10)).toBe('199');
  });

  test.each([undefined, null, '', '   '])('is absent as %j', (value) => {
    expect(optionalText({ title: value }, 'title', 10)).toBeUndefined();
    expect(() => requiredText({ title: value }, 'title', 10)).toThrow('title is missing');
  });

  test('is as long as a reader counts', () => {
    expect(optionalText({ title: '👨‍👩‍👧秋' }, 'title', 2)).toBe('👨‍👩‍👧秋');
    expect(() => optionalText({ title: '秋装上' }, 'title', 2)).toThrow('3 characters, at most 2');
  });

  test.each([{}, [], true, 'two\nlines', 'bell\u0007', 'half \ud83d'])('is not %j', (value) => {
    expect(() => optionalText({ title: value }, 'title', 20)).toThrow('title');
  });
});

describe('a whole number', () => {
  test.each([
    [3, 3],
    ['3', 3],
    [' 3 ', 3],
    [null, undefined],
    ['', undefined],
  ])('%j is %j', (value, expected) => {
    expect(optionalInteger({ columns: value }, 'columns', { min: 1, max: 4 })).toBe(expected);
  });

  test.each([0, 5, 2.5, '2.5', '0x2', 'three', {}])('is not %j', (value) => {
    expect(() => optionalInteger({ columns: value }, 'columns', { min: 1, max: 4 })).toThrow('columns');
  });
});

describe('a number', () => {
  test.each([
    [1.5, 1.5],
    ['2.25', 2.25],
    [5, 5],
    [null, undefined],
  ])('%j is %j', (value, expected) => {
    expect(optionalNumber({ seconds: value }, 'seconds', { min: 1, max: 5 })).toBe(expected);
  });

  test.each([0.5, 5.01, '1.234', '1e0', 'Infinity'])('is not %j', (value) => {
    expect(() => optionalNumber({ seconds: value }, 'seconds', { min: 1, max: 5 })).toThrow('seconds');
  });
});
