import { expect, test } from 'vitest';
import { cdnUrl, type CdnSettings } from './cdn-url.ts';

const settings: CdnSettings = {
  baseUrl: 'https://files.example.cn',
  signing: 'D',
  key: 'dimtm5evg50ijsx2hvuwyfoiu65',
  ttlSeconds: 600,
};
const now = new Date(1_582_791_032_999);

test('type D signs as the vendor documents it', () => {
  expect(cdnUrl(settings, 'test.jpg', { now })).toBe(
    'https://files.example.cn/test.jpg?sign=900a5049aa8ac1ab144527d9c2be4cea&t=1582791032',
  );
});

test('type A signs time, chance and user 0', () => {
  expect(cdnUrl({ ...settings, signing: 'A' }, 'test.jpg', { now, rand: 'im1acp76sx9sdqe601v' })).toBe(
    'https://files.example.cn/test.jpg?sign=1582791032-im1acp76sx9sdqe601v-0-3fbb88382c9356b6faaf9d68c7b2ae3a',
  );
});

const anyUrl = (): string => cdnUrl({ ...settings, signing: 'A' }, 'u/a/b.jpg', { now });

test('type A gives another address each time', () => {
  expect(anyUrl()).not.toBe(anyUrl());
  expect(anyUrl()).toMatch(
    /^https:\/\/files\.example\.cn\/u\/a\/b\.jpg\?sign=1582791032-[0-9a-z]{1,100}-0-[0-9a-f]{32}$/,
  );
});

test('a path is signed as it is sent', () => {
  expect(cdnUrl(settings, 'u/照片 1.jpg', { now })).toContain('/u/%E7%85%A7%E7%89%87%201.jpg?sign=');
});

test('a key the vendor would not take is refused', () => {
  expect(() => cdnUrl({ ...settings, key: 'short' }, 'a', { now })).toThrow(RangeError);
});
