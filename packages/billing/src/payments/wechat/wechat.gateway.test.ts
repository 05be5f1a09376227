import { generateKeyPairSync, sign } from 'node:crypto';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import { isAppError } from '@yunshang/contracts';
import { systemClock } from '@yunshang/db';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createWechatGateway, type WechatGateway } from './wechat.gateway.ts';
import { WechatRefused } from './wechat-http.ts';

function keyPair(): { publicKey: string; privateKey: string } {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  return {
    publicKey: publicKey.export({ type: 'spki', format: 'pem' }).toString(),
    privateKey: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  };
}
const merchant = keyPair();
const platform = keyPair();
const serial = 'PUB_KEY_ID_0000000000000000000000000000000001';

type Reply = { status: number; body?: string; signedFor?: string; ageSeconds?: number };

/** WeChat Pay's side, reduced to one reply that a test chooses and the request it came for. */
let reply: Reply;
let seen: { headers: IncomingHttpHeaders; path: string; body: string };
let server: Server;
let gateway: WechatGateway;

beforeAll(async () => {
  server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      seen = { headers: request.headers, path: request.url ?? '', body: Buffer.concat(chunks).toString() };
      const body = reply.body ?? '';
      response.writeHead(reply.status, signature(reply.signedFor ?? body, reply.ageSeconds ?? 0)).end(body);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  const settings = {
    mchid: '1900000001',
    appid: 'wx0000000000000001',
    merchantSerial: 'ABCDEF0123456789',
    merchantPrivateKeyPem: merchant.privateKey,
    merchantCertPem: merchant.publicKey,
    apiV3Key: '0'.repeat(32),
    platformKeys: { OLDCERTIFICATE: merchant.publicKey, [serial]: platform.publicKey },
    notifyUrl: 'https://shop.example/notify',
    baseUrl: `http://127.0.0.1:${address.port}`,
    timeoutMs: 2_000,
  };
  gateway = createWechatGateway(settings, systemClock);
});
beforeEach(() => {
  reply = { status: 200 };
});
afterAll(() => void server.close());

function signature(body: string, ageSeconds: number): Record<string, string> {
  const timestamp = String(Math.floor(Date.now() / 1000) - ageSeconds);
  const signed = sign('RSA-SHA256', Buffer.from(`${timestamp}\nnonce\n${body}\n`), platform.privateKey);
  return {
    'Wechatpay-Timestamp': timestamp,
    'Wechatpay-Nonce': 'nonce',
    'Wechatpay-Serial': serial,
    'Wechatpay-Signature': signed.toString('base64'),
  };
}

const number = '01KA0000000000000000000000';
const transaction = (bent: Record<string, unknown> = {}): string =>
  JSON.stringify({
    appid: 'wx0000000000000001',
    mchid: '1900000001',
    out_trade_no: number,
    transaction_id: '4200001',
    trade_state: 'SUCCESS',
    success_time: '2026-01-15T12:00:00+08:00',
    amount: { total: 9900, payer_total: 9900, currency: 'CNY' },
    ...bent,
  });
const failureOf = (call: Promise<unknown>): Promise<string> =>
  call.then(
    () => 'none',
    (error: unknown) => {
      if (error instanceof WechatRefused) return `${error.status} ${error.vendorCode}`;
      return isAppError(error) ? error.code : String(error);
    },
  );
const order = {
  outTradeNo: number,
  description: '云裳',
  amountFen: 9900,
  expiresAt: new Date('2026-01-15T04:30:00.900Z'),
  payer: { channel: 'native' as const },
};

describe('a request', () => {
  it("asks for unpacked answers signed with WeChat Pay's public key", async () => {
    reply = { status: 200, body: JSON.stringify({ code_url: 'weixin://wxpay/bizpayurl?pr=x' }) };
    expect(await gateway.placeOrder(order)).toEqual({ codeUrl: 'weixin://wxpay/bizpayurl?pr=x' });
    expect(seen.headers).toMatchObject({ 'accept-encoding': 'identity', 'wechatpay-serial': serial });
    expect(JSON.parse(seen.body)).toMatchObject({ time_expire: '2026-01-15T12:30:00+08:00', out_trade_no: number });
  });
});

describe('an answer to a query', () => {
  it.each([
    ['SUCCESS', 'paid'],
    ['REFUND', 'paid'],
    ['NOTPAY', 'unpaid'],
    ['USERPAYING', 'unpaid'],
    ['CLOSED', 'closed'],
  ])('%s means %s', async (tradeState, state) => {
    reply = { status: 200, body: transaction({ trade_state: tradeState }) };
    expect((await gateway.findOrder(number)).state).toBe(state);
  });

  it.each<[string, Reply]>([
    ['speaks of another order', { status: 200, body: transaction({ out_trade_no: 'another' }) }],
    ['is paid and has no transaction id', { status: 200, body: transaction({ transaction_id: undefined }) }],
    ['is not JSON', { status: 200, body: '<html>' }],
    ['was signed for other bytes', { status: 200, body: transaction(), signedFor: transaction({ amount: 1 }) }],
    ['is 6 minutes old', { status: 200, body: transaction(), ageSeconds: 360 }],
    ['only says that the request was accepted', { status: 202, body: transaction() }],
    ['is empty', { status: 204 }],
  ])('is not used when it %s', async (_name, given) => {
    reply = given;
    expect(await failureOf(gateway.findOrder(number))).toBe('PAYMENT_UNAVAILABLE');
  });
});

describe('a refusal', () => {
  it.each<[Reply, string]>([
    [{ status: 403, body: '{"code":"OUT_TRADE_NO_USED","message":"x"}' }, '403 OUT_TRADE_NO_USED'],
    [{ status: 400, body: '{"code":"ORDER_CLOSED"}' }, '400 ORDER_CLOSED'],
    [{ status: 401, body: '{"code":"SIGN_ERROR"}' }, '401 SIGN_ERROR'],
    [{ status: 404 }, '404 '],
    [{ status: 429, body: '{"code":"FREQUENCY_LIMITED"}' }, 'PAYMENT_UNAVAILABLE'],
    [{ status: 500, body: '{"code":"SYSTEM_ERROR"}' }, 'PAYMENT_UNAVAILABLE'],
    [{ status: 503 }, 'PAYMENT_UNAVAILABLE'],
  ])("keeps the vendor's code, and an unknown outcome is no refusal: %j", async (given, expected) => {
    reply = given;
    expect(await failureOf(gateway.placeOrder(order))).toBe(expected);
  });

  it('of a query means an unknown order only when it says so', async () => {
    reply = { status: 404, body: '{"code":"ORDER_NOT_EXIST"}' };
    expect(await gateway.findOrder(number)).toEqual({ state: 'unknown' });
    reply = { status: 404 };
    expect(await failureOf(gateway.findOrder(number))).toBe('404 ');
  });
});
