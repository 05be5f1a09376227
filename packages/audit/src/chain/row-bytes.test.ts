import type { RawColumn, RawRow } from '@yunshang/db';
import { expect, test } from 'vitest';
import { canonicalJson, growingBuffer, rowWriter } from './row-bytes.ts';
import { SOURCES, type Source } from './source.ts';

const source: Source = SOURCES[1];
const bytesOf = (cells: readonly (readonly [RawColumn, string | null])[]): string => {
  const columns = cells.map(([column]) => column);
  const row: RawRow = cells.map(([, value]) => (value === null ? null : Buffer.from(value)));
  const into = growingBuffer();
  const end = rowWriter(source, columns)(row, into, 0);
  return into.bytes.subarray(0, end).toString('latin1');
};
const text = (name: string): RawColumn => ({ name, kind: 'text' });

test('the order of the columns and those that are NULL do not matter', () => {
  const plain = bytesOf([
    [text('a'), 'x'],
    [text('b'), 'y'],
  ]);
  const moved = bytesOf([
    [text('b'), 'y'],
    [text('added'), null],
    [text('a'), 'x'],
  ]);
  expect(moved).toBe(plain);
});

test('a value in a column added later, an empty one and one that moved to its neighbour all matter', () => {
  const variants = [
    [['x', 'y', null] as const],
    [['x', 'y', ''] as const],
    [['xy', '', null] as const],
    [['x', null, 'y'] as const],
    [['y', 'x', null] as const],
  ].map(([cells]) => bytesOf((cells ?? []).map((value, index) => [text('abc'.charAt(index)), value] as const)));
  expect(new Set(variants).size).toBe(variants.length);
});

test('a number is not the text of that number', () => {
  expect(bytesOf([[{ name: 'a', kind: 'number' }, '1']])).not.toBe(bytesOf([[text('a'), '1']]));
});

test('rows longer than the buffer are written whole', () => {
  const long = 'x'.repeat(100_000);
  expect(bytesOf([[text('a'), long]])).toContain(long);
});

test('JSON is the same whatever the order of its keys and its blanks', () => {
  const one = canonicalJson(Buffer.from('{"b":[1,{"y":"a b","x":null}],"a":"服装"}'));
  const other = canonicalJson(Buffer.from('{"a": "服装", "b": [1, {"x": null, "y": "a b"}]}'));
  expect(one.toString()).toBe(other.toString());
});

test.each(['{"a":1,"a":2}', '{"a":1.0}', '{"a":1', 'plain'])(
  '%s, which says more than its value, stays as it is',
  (odd) => {
    expect(canonicalJson(Buffer.from(odd)).toString()).toBe(odd);
  },
);
