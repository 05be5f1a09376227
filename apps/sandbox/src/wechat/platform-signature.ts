import { createPrivateKey, randomBytes, sign } from 'node:crypto';
import type { SandboxConfig } from '../config.ts';

export type PlatformSignature = {
  'Wechatpay-Timestamp': string;
  'Wechatpay-Nonce': string;
  'Wechatpay-Signature': string;
  'Wechatpay-Serial': string;
  'Wechatpay-Signature-Type': 'WECHATPAY2-SHA256-RSA2048';
};

export type PlatformSigner = {
  /** The serials this merchant may ask answers to be signed with. */
  knows(serial: string): boolean;
  /** Headers for a body: RSA-SHA256 over `timestamp\nnonce\nbody\n`, with the key of `serial` or the default key. */
  sign(body: Buffer, at: Date, serial?: string): PlatformSignature;
};

/** A merchant of the public-key kind has one platform key, under its PUB_KEY_ID. */
export function createPlatformSigner(wechat: SandboxConfig['wechat']): PlatformSigner {
  const keys = new Map([[wechat.platformPublicKeyId, createPrivateKey(wechat.platformPrivateKeyPem)]]);
  return {
    knows: (serial) => keys.has(serial),
    sign(body, at, serial = wechat.platformPublicKeyId) {
      const key = keys.get(serial);
      if (key === undefined) throw new Error(`no platform key ${serial}`);
      const timestamp = String(Math.floor(at.getTime() / 1000));
      const nonce = randomBytes(16).toString('hex');
      const message = Buffer.concat([Buffer.from(`${timestamp}\n${nonce}\n`), body, Buffer.from('\n')]);
      return {
        'Wechatpay-Timestamp': timestamp,
        'Wechatpay-Nonce': nonce,
        'Wechatpay-Signature': sign('RSA-SHA256', message, key).toString('base64'),
        'Wechatpay-Serial': serial,
        'Wechatpay-Signature-Type': 'WECHATPAY2-SHA256-RSA2048',
      };
    },
  };
}

/** The probe WeChat Pay sends at times: a signature that must be treated as any other wrong one. */
export function signTestProbe(): string {
  return `WECHATPAY/SIGNTEST/${randomBytes(192).toString('base64')}`;
}
