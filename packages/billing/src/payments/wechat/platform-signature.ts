import { createPublicKey, type KeyObject, verify } from 'node:crypto';

/** Signatures may be this old, or this far in the future, as WeChat Pay's own SDKs hold it. */
const TOLERANCE_MS = 300_000;

/** Header values by lower-case name. */
export type HeaderValues = Readonly<Record<string, string | undefined>>;

/** Why a message is not believed to come from WeChat Pay. */
export type SignatureFault = 'header_missing' | 'time_malformed' | 'stale' | 'serial_unknown' | 'signature_wrong';

/** Judges a message by its headers and the very bytes of its body; undefined when it is authentic. */
export type SignatureCheck = (
  message: { headers: HeaderValues; body: Buffer },
  now: Date,
) => SignatureFault | undefined;

/**
 * Checks against the keys given and no others: an unknown serial is a refusal, never a reason to ask anyone for its key.
 * WeChat Pay's probes (`WECHATPAY/SIGNTEST/…`) are wrong signatures like any other.
 */
export function createSignatureCheck(platformKeys: Readonly<Record<string, string>>): SignatureCheck {
  const keys = new Map<string, KeyObject>(
    Object.entries(platformKeys).map(([serial, pem]) => [serial, createPublicKey(pem)]),
  );
  return ({ headers, body }, now) => {
    const timestamp = headers['wechatpay-timestamp'];
    const nonce = headers['wechatpay-nonce'];
    const signature = headers['wechatpay-signature'];
    const serial = headers['wechatpay-serial'];
    if (!timestamp || !nonce || !signature || !serial) return 'header_missing';
    if (!/^\d{1,12}$/.test(timestamp)) return 'time_malformed';
    if (Math.abs(now.getTime() - Number(timestamp) * 1000) >= TOLERANCE_MS) return 'stale';
    const key = keys.get(serial);
    if (key === undefined) return 'serial_unknown';
    const signed = Buffer.concat([Buffer.from(`${timestamp}\n${nonce}\n`), body, Buffer.from('\n')]);
    return verify('RSA-SHA256', signed, key, Buffer.from(signature, 'base64')) ? undefined : 'signature_wrong';
  };
}
