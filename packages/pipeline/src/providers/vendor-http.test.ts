import { createServer, type Server } from 'node:http';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createVendorHttp, HttpFailure, isPublicAddress, type VendorRequest } from './vendor-http.ts';

let server: Server;
let host: string;
beforeAll(async () => {
  server = createServer((request, response) => {
    if (request.url === '/away') response.writeHead(302, { location: 'http://169.254.169.254/latest' }).end();
    else if (request.url === '/loop') response.writeHead(302, { location: '/loop' }).end();
    else if (request.url === '/moved') response.writeHead(302, { location: '/hello' }).end();
    else if (request.url === '/hang') response.flushHeaders();
    else response.writeHead(200, { 'content-type': 'text/plain' }).end('hello');
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const address = server.address();
  host = `127.0.0.1:${typeof address === 'object' ? address?.port : 0}`;
});
afterAll(() => void server.close());

async function get(url: string, more: Partial<VendorRequest> & { devHosts?: string[] } = {}): Promise<string> {
  const { devHosts = [host], ...request } = more;
  const asked = {
    method: 'GET',
    url,
    hosts: [],
    maxBytes: 100,
    signal: AbortSignal.timeout(1_000),
    ...request,
  } as const;
  try {
    return (await createVendorHttp({ devHosts }).request(asked)).body.toString();
  } catch (error) {
    if (error instanceof HttpFailure) return error.kind;
    throw error;
  }
}

test('a host of the configuration is reached, also by a redirect to itself', async () => {
  expect(await get(`http://${host}/hello`)).toBe('hello');
  expect(await get(`http://${host}/moved`)).toBe('hello');
});

test.each([
  ['a redirect out of the list', () => `http://${host}/away`, {}],
  ['a redirect without end', () => `http://${host}/loop`, {}],
  ['plain http', () => `http://${host}/hello`, { devHosts: [], hosts: ['127.0.0.1'] }],
  ['a host that is not listed', () => 'https://example.com/', { hosts: ['example.org'] }],
  ['an address inside', () => 'https://10.0.0.1/', { hosts: ['10.0.0.1'] }],
  ['an address inside, in other words', () => 'https://[::ffff:127.0.0.1]/', { hosts: ['[::ffff:7f00:1]'] }],
  ['a name that leads inside', () => 'https://localhost/', { hosts: ['localhost'] }],
  ['a user in the address', () => 'https://me:pw@example.com/', { hosts: ['example.com'] }],
  ['no address at all', () => 'nothing', {}],
])('%s is refused', async (_what, url, more) => {
  expect(await get(url(), more)).toBe('refused');
});

test('what never arrived, what was lost and what is too long are told apart', async () => {
  expect(await get('http://127.0.0.1:9/', { devHosts: ['127.0.0.1:9'] })).toBe('unreachable');
  expect(await get(`http://${host}/hang`, { signal: AbortSignal.timeout(50) })).toBe('lost');
  expect(await get(`http://${host}/hello`, { maxBytes: 3 })).toBe('too_large');
});

test.each([
  ['8.8.8.8', true],
  ['127.0.0.1', false],
  ['10.1.2.3', false],
  ['169.254.169.254', false],
  ['100.64.0.1', false],
  ['0.0.0.0', false],
  ['::1', false],
  ['fd00::1', false],
  ['::ffff:192.168.0.1', false],
  ['2606:4700::1111', true],
])('%s is public: %s', (address, expected) => {
  expect(isPublicAddress(address)).toBe(expected);
});
