import { expect, test } from 'vitest';
import { networkOf } from './sending-caps.ts';

test('an address has one key however it is spelled, and one per network', () => {
  expect(networkOf('203.0.113.7')).toEqual(networkOf('::ffff:203.0.113.7'));
  expect(networkOf('203.0.113.7').prefix).toBe(networkOf('203.0.113.250').prefix);
  expect(networkOf('203.0.113.7').address).not.toBe(networkOf('203.0.113.250').address);
  expect(networkOf('203.0.113.7').prefix).not.toBe(networkOf('203.0.114.7').prefix);
  expect(networkOf('2001:db8:0:1::7')).toEqual(networkOf('2001:0DB8:0000:0001:0:0:0:7'));
  expect(networkOf('2001:db8:0:1::7').prefix).toBe(networkOf('2001:db8:0:1:ffff::').prefix);
  expect(networkOf('2001:db8:0:1::7').prefix).not.toBe(networkOf('2001:db8:0:2::7').prefix);
});

test('what is no address shares one bucket', () => {
  expect(networkOf('not an address')).toEqual(networkOf(''));
});
