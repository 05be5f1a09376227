import { expect, test } from 'vitest';
import { allowedAddress } from './allowed-address.ts';

const origins = ['https://shop-125.cos.ap-shanghai.myqcloud.com', 'https://*.tencentcos.cn', 'http://127.0.0.1:4600'];

test.each([
  'https://shop-125.cos.ap-shanghai.myqcloud.com/users/a.jpg?sign=1',
  'https://SHOP-125.cos.ap-shanghai.myqcloud.com:443/a',
  'https://a.b.tencentcos.cn/a',
  'http://127.0.0.1:4600/bucket/a.jpg',
])('allows %s', (address) => {
  expect(allowedAddress(address, origins)?.href).toBe(new URL(address).href);
});

test.each([
  ['another host', 'https://evil.example/a.jpg'],
  ['plain http where https is listed', 'http://shop-125.cos.ap-shanghai.myqcloud.com/a'],
  ['another port', 'https://shop-125.cos.ap-shanghai.myqcloud.com:8443/a'],
  ['a host that only ends alike', 'https://eviltencentcos.cn/a'],
  ['the parent of a wildcard', 'https://tencentcos.cn/a'],
  ['the listed host as a user name', 'https://shop-125.cos.ap-shanghai.myqcloud.com@evil.example/a'],
  ['a user name', 'https://root@a.tencentcos.cn/a'],
  ['a private address', 'http://169.254.169.254/latest/meta-data'],
  ['the same machine at another port', 'http://127.0.0.1:3306/'],
  ['a file', 'file:///etc/passwd'],
  ['data', 'data:image/png;base64,AA=='],
  ['nonsense', 'not an address'],
])('refuses %s', (_, address) => {
  expect(allowedAddress(address, origins)).toBeUndefined();
});
