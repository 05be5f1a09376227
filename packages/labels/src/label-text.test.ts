import { expect, test } from 'vitest';
import { aigcRecord, LabelFailed, labelText, readTextLabel } from './index.ts';

const as = { producer: '云裳', contentId: '01JTEXT' };
const bytesOf = (text: string): Buffer => Buffer.from(text);

test('a plain text begins with the words, and every word of it is kept', () => {
  const made = labelText('plain', bytesOf('新款连衣裙\n面料柔软'), as);
  expect(made.toString()).toBe('【AI生成】\n新款连衣裙\n面料柔软');
  expect(readTextLabel('plain', made)).toEqual({ visible: true, record: undefined });
  expect(readTextLabel('plain', bytesOf('【AI生成】 in a row with more')).visible).toBe(false);
});

test('JSON says the words and carries the record; what a vendor said in their place is gone', () => {
  const made = labelText('json', bytesOf('{"title":"新款","label":"none","AIGC":{"Label":"3"}}'), as);
  expect(readTextLabel('json', made)).toEqual({ visible: true, record: aigcRecord(as) });
  expect(JSON.parse(made.toString())).toMatchObject({ title: '新款', label: '【AI生成】' });
  expect(readTextLabel('json', bytesOf('{"title":"新款"}'))).toEqual({ visible: false, record: undefined });
});

test.each([
  ['plain', Buffer.alloc(0)],
  ['plain', bytesOf(' \n ')],
  ['plain', Buffer.from([0xff, 0xfe, 0x41])],
  ['json', bytesOf('{"title":')],
  ['json', bytesOf('["a"]')],
  ['json', bytesOf('7')],
] as const)('what can not be marked is refused: %s %j', (kind, bytes) => {
  expect(() => labelText(kind, bytes, as)).toThrow(LabelFailed);
});
