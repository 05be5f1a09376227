import { createCipheriv, generateKeyPairSync, sign } from 'node:crypto';
import { isAppError } from '@yunshang/contracts';
import { describe, expect, it } from 'vitest';
import { openNotification } from './notification.ts';
import { createSignatureCheck } from './platform-signature.ts';

const platform = generateKeyPairSync('rsa', { modulusLength: 2048 });
const stranger = generateKeyPairSync('rsa', { modulusLength: 2048 });
const serial = 'PUB_KEY_ID_0000000000000000000000000000000001';
const apiV3Key = '0123456789abcdef0123456789abcdef';
const now = new Date('2026-01-15T04:00:00.000Z');
const pem = platform.publicKey.export({ type: 'spki', format: 'pem' }).toString();
const trust = { mchid: '1900000001', findFault: createSignatureCheck({ [serial]: pem }), apiV3Key, now };

const transaction = {
  appid: 'wx0000000000000001',
  mchid: '1900000001',
  out_trade_no: '01KA0000000000000000000000',
  transaction_id: '4200001234202601150123456789',
  trade_state: 'SUCCESS',
  success_time: '2026-01-15T11:59:58+08:00',
  amount: { total: 9900, payer_total: 8800, currency: 'CNY' },
};

function seal(plaintext: string, key = apiV3Key): { ciphertext: string; nonce: string } {
  const nonce = 'abcdefghijkl';
  const cipher = createCipheriv('aes-256-gcm', Buffer.from(key), Buffer.from(nonce));
  cipher.setAAD(Buffer.from('transaction'));
  const sealed = Buffer.concat([cipher.update(plaintext), cipher.final(), cipher.getAuthTag()]);
  return { ciphertext: sealed.toString('base64'), nonce };
}

function bodyOf(resource: Record<string, unknown>, eventType = 'TRANSACTION.SUCCESS'): Buffer {
  const fixed = { algorithm: 'AEAD_AES_256_GCM', associated_data: 'transaction', original_type: 'transaction' };
  return Buffer.from(
    JSON.stringify({ id: 'EV-1', event_type: eventType, resource: { ...fixed, ...resource } }, null, 1),
  );
}

function signed(
  rawBody: Buffer,
  bent: { at?: Date; serial?: string; key?: typeof platform.privateKey } = {},
): { headers: Record<string, string | undefined>; rawBody: Buffer } {
  const timestamp = String(Math.floor((bent.at ?? now).getTime() / 1000));
  const nonce = 'n0nce';
  const message = Buffer.concat([Buffer.from(`${timestamp}\n${nonce}\n`), rawBody, Buffer.from('\n')]);
  return {
    rawBody,
    headers: {
      'wechatpay-timestamp': timestamp,
      'wechatpay-nonce': nonce,
      'wechatpay-serial': bent.serial ?? serial,
      'wechatpay-signature': sign('RSA-SHA256', message, bent.key ?? platform.privateKey).toString('base64'),
    },
  };
}

const good = (): Buffer => bodyOf(seal(JSON.stringify(transaction)));
const later = (ms: number): Date => new Date(now.getTime() + ms);

function flip(base64: string, index: number): string {
  const bytes = Buffer.from(base64, 'base64');
  const at = index < 0 ? bytes.length + index : index;
  bytes.writeUInt8(bytes.readUInt8(at) ^ 1, at);
  return bytes.toString('base64');
}

/** The reason a notification is refused for, or what it was taken to be. */
function judge(input: { headers: Record<string, string | undefined>; rawBody: Buffer }): string {
  try {
    return openNotification(input, trust).kind;
  } catch (error) {
    if (!isAppError(error, 'NOTIFICATION_REFUSED') || !(error.cause instanceof Error)) throw error;
    return error.cause.message.replace('WeChat Pay notification: ', '');
  }
}

describe('a notification', () => {
  it('that verifies gives the payment, by the order total and not by what a coupon left to pay', () => {
    expect(openNotification(signed(good()), trust)).toEqual({
      kind: 'payment',
      id: 'EV-1',
      payment: {
        appid: 'wx0000000000000001',
        mchid: '1900000001',
        outTradeNo: '01KA0000000000000000000000',
        transactionId: '4200001234202601150123456789',
        amountFen: 9900,
        currency: 'CNY',
        successTime: new Date('2026-01-15T03:59:58.000Z'),
      },
    });
  });

  it.each([-299_000, 0, 299_000])('is fresh %d ms from now', (ms) => {
    expect(judge(signed(good(), { at: later(ms) }))).toBe('payment');
  });

  it.each([-300_000, 300_000, -86_400_000])('is stale %d ms from now, though its signature is right', (ms) => {
    expect(judge(signed(good(), { at: later(ms) }))).toBe('stale');
  });

  it('is refused when the key is unknown, another one, or named like a property', () => {
    expect(judge(signed(good(), { serial: 'PUB_KEY_ID_2' }))).toBe('serial_unknown');
    expect(judge(signed(good(), { serial: 'constructor' }))).toBe('serial_unknown');
    expect(judge(signed(good(), { key: stranger.privateKey }))).toBe('signature_wrong');
  });

  it('is refused when one byte of the body differs, also one that JSON does not see', () => {
    const { headers, rawBody } = signed(good());
    expect(judge({ headers, rawBody: Buffer.concat([rawBody, Buffer.from(' ')]) })).toBe('signature_wrong');
  });

  it("is refused when it is WeChat Pay's own probe", () => {
    const { headers, rawBody } = signed(good());
    const probe = { ...headers, 'wechatpay-signature': `WECHATPAY/SIGNTEST/${headers['wechatpay-signature']}` };
    expect(judge({ headers: probe, rawBody })).toBe('signature_wrong');
  });

  it.each(['wechatpay-timestamp', 'wechatpay-nonce', 'wechatpay-serial', 'wechatpay-signature'])(
    'is refused without %s',
    (name) => {
      const { headers, rawBody } = signed(good());
      expect(judge({ headers: { ...headers, [name]: undefined }, rawBody })).toBe('header_missing');
      expect(judge({ headers: { ...headers, [name]: '' }, rawBody })).toBe('header_missing');
    },
  );

  it.each(['-1', '1e3', '0x10', '99999999999999'])('is refused with the time %s', (time) => {
    const { headers, rawBody } = signed(good());
    expect(judge({ headers: { ...headers, 'wechatpay-timestamp': time }, rawBody })).toBe('time_malformed');
  });
});

describe('the ciphertext of a signed notification', () => {
  const sealed = seal(JSON.stringify(transaction));

  it.each([
    ['text', 0],
    ['tag', -1],
  ])('is refused when one bit of its %s differs', (_part, index) => {
    const resource = { ...sealed, ciphertext: flip(sealed.ciphertext, index) };
    expect(judge(signed(bodyOf(resource)))).toBe('ciphertext_not_authentic');
  });

  it('is refused under another key, nonce or associated data', () => {
    const otherKey = seal(JSON.stringify(transaction), 'f'.repeat(32));
    expect(judge(signed(bodyOf(otherKey)))).toBe('ciphertext_not_authentic');
    expect(judge(signed(bodyOf({ ...sealed, nonce: 'abcdefghijkm' })))).toBe('ciphertext_not_authentic');
    expect(judge(signed(bodyOf({ ...sealed, associated_data: '' })))).toBe('ciphertext_not_authentic');
  });

  it('is refused when it is too short to hold a tag', () => {
    expect(judge(signed(bodyOf({ ...sealed, ciphertext: 'AAAA' })))).toBe('ciphertext_short');
  });

  it.each([
    ['another algorithm', { ...sealed, algorithm: 'AEAD_SM4_GCM' }],
    ['a nonce of another length', { ...sealed, nonce: 'abc' }],
    ['no ciphertext', { nonce: sealed.nonce }],
  ])('is refused with %s', (_name, resource) => {
    expect(judge(signed(bodyOf(resource)))).toBe('envelope_malformed');
  });

  it.each([
    ['an amount of 0', { amount: { total: 0, currency: 'CNY' } }],
    ['a fraction of a fen', { amount: { total: 99.5, currency: 'CNY' } }],
    ['a negative amount', { amount: { total: -9900, currency: 'CNY' } }],
    ['no amount', { amount: undefined }],
    ['no transaction id', { transaction_id: undefined }],
    ['an unpaid state', { trade_state: 'NOTPAY' }],
  ])('is refused when it speaks of %s', (_name, bent) => {
    expect(judge(signed(bodyOf(seal(JSON.stringify({ ...transaction, ...bent })))))).toBe('transaction_malformed');
  });

  it('of another event is believed and is no payment', () => {
    expect(judge(signed(bodyOf(sealed, 'COUPON.SUCCESS')))).toBe('other');
    // A refund is told in other words than a payment.
    expect(judge(signed(bodyOf(sealed, 'REFUND.SUCCESS')))).toBe('refund_malformed');
  });
});
