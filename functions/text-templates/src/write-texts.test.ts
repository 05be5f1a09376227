import { expect, test } from 'vitest';
import { bundleAsText, writeTexts } from './write-texts.ts';

const garment = {
  title: '玫瑰真丝衬衫',
  points: ['桑蚕丝面料，亲肤透气', '袖口可挽起'],
  price: '¥199',
  audience: '通勤女生',
};

test('writes one text for each place, with everything that was said', () => {
  const { texts, review } = writeTexts(garment);
  expect(texts.map(({ channel }) => channel)).toEqual(['listing', 'moments', 'note', 'live', 'video']);
  for (const { text } of texts) expect(text).toContain('玫瑰真丝衬衫');
  const saying = (words: string) => texts.filter(({ text }) => text.includes(words)).map(({ channel }) => channel);
  expect(saying('袖口可挽起')).toEqual(['listing', 'moments', 'note', 'live', 'video']);
  expect(saying('¥199')).toEqual(['moments', 'live', 'video']);
  expect(review).toEqual([]);
});

test('fills a listing up to 30 characters and never beyond', () => {
  const points = ['桑蚕丝面料亲肤透气', '袖口可挽起一衣两穿', '垂感好不易皱', '立领收腰显高'];
  const [listing] = writeTexts({ title: '玫瑰真丝衬衫', points }).texts;
  expect(listing?.text).toBe('玫瑰真丝衬衫 桑蚕丝面料亲肤透气 袖口可挽起一衣两穿');
});

test('names words that advertising law forbids', () => {
  const bundle = writeTexts({ title: '全网最低价衬衫', points: ['国家级面料'] });
  expect(bundle.review).toEqual(['国家级', '最低', '最低价', '全网']);
  expect(bundleAsText(bundle)).toContain('【请核对】');
  expect(bundleAsText(writeTexts(garment))).not.toContain('【请核对】');
});
