import { createCipheriv, randomBytes, randomUUID } from 'node:crypto';
import { beijingTime } from '../beijing-time.ts';
import { signTestProbe, type PlatformSigner } from './platform-signature.ts';
import type { Transaction } from './transaction.ts';

/** The ways a single notification can be made wrong. */
export const MUTATION_KINDS = [
  'notify_tampered_ciphertext',
  'notify_tampered_body',
  'notify_signtest',
  'notify_unknown_serial',
  'notify_stale',
  'notify_wrong_amount',
  'notify_wrong_currency',
  'notify_wrong_appid',
  'notify_wrong_mchid',
] as const;

export type Mutation =
  | { kind: Exclude<(typeof MUTATION_KINDS)[number], 'notify_wrong_amount'> }
  | { kind: 'notify_wrong_amount'; totalFen: number };

export type Notification = { headers: Record<string, string>; body: Buffer };

const STALE_MS = 10 * 60_000;
const UNKNOWN_SERIAL = 'PUB_KEY_ID_9999999999999999999999999999999999';

type Sealing = { apiV3Key: string; signer: PlatformSigner; now: Date };

/** What is told: of a payment or of a refund. */
export type News = { event: string; summary: string; originalType: 'transaction' | 'refund'; plain: unknown };

/** An encrypted, signed TRANSACTION.SUCCESS for the merchant, optionally bent in one way. */
export function buildNotification(transaction: Transaction, sealing: Sealing, mutation?: Mutation): Notification {
  const plain = bent(transaction, mutation);
  const news = { event: 'TRANSACTION.SUCCESS', summary: '支付成功', originalType: 'transaction', plain } as const;
  return sealNews(news, sealing, mutation);
}

export function sealNews(news: News, sealing: Sealing, mutation?: Mutation): Notification {
  const { signer, now } = sealing;
  const envelope = (resource: Resource): Buffer => envelopeOf(news, resource, now);
  const resource = encrypt(JSON.stringify(news.plain), { apiV3Key: sealing.apiV3Key, aad: news.originalType });
  if (mutation?.kind === 'notify_tampered_ciphertext') resource.ciphertext = flipFirstByte(resource.ciphertext);
  const body = envelope(resource);
  const signedAt = mutation?.kind === 'notify_stale' ? new Date(now.getTime() - STALE_MS) : now;
  const signature = { ...signer.sign(body, signedAt), 'Content-Type': 'application/json', 'User-Agent': 'Mozilla/4.0' };
  switch (mutation?.kind) {
    case 'notify_tampered_body':
      return { headers: signature, body: envelope({ ...resource, nonce: randomNonce() }) };
    case 'notify_signtest':
      return { headers: { ...signature, 'Wechatpay-Signature': signTestProbe() }, body };
    case 'notify_unknown_serial':
      return { headers: { ...signature, 'Wechatpay-Serial': UNKNOWN_SERIAL }, body };
    default:
      return { headers: signature, body };
  }
}

function bent(transaction: Transaction, mutation: Mutation | undefined): Transaction {
  switch (mutation?.kind) {
    case 'notify_wrong_amount': {
      const { totalFen } = mutation;
      return { ...transaction, amount: { ...transaction.amount, total: totalFen, payer_total: totalFen } };
    }
    case 'notify_wrong_currency':
      return { ...transaction, amount: { ...transaction.amount, currency: 'USD', payer_currency: 'USD' } };
    case 'notify_wrong_appid':
      return { ...transaction, appid: `wx${'0'.repeat(16)}` };
    case 'notify_wrong_mchid':
      return { ...transaction, mchid: '1900000000' };
    default:
      return transaction;
  }
}

type Resource = { ciphertext: string; nonce: string };

function envelopeOf(news: News, resource: Resource, now: Date): Buffer {
  return Buffer.from(
    JSON.stringify({
      id: randomUUID(),
      create_time: beijingTime(now),
      resource_type: 'encrypt-resource',
      event_type: news.event,
      summary: news.summary,
      resource: {
        original_type: news.originalType,
        algorithm: 'AEAD_AES_256_GCM',
        ciphertext: resource.ciphertext,
        associated_data: news.originalType,
        nonce: resource.nonce,
      },
    }),
  );
}

/** AES-256-GCM with the APIv3 key; the 16-byte tag follows the ciphertext. */
function encrypt(plaintext: string, { apiV3Key, aad }: { apiV3Key: string; aad: string }): Resource {
  const nonce = randomNonce();
  const cipher = createCipheriv('aes-256-gcm', Buffer.from(apiV3Key), Buffer.from(nonce));
  cipher.setAAD(Buffer.from(aad));
  const sealed = Buffer.concat([cipher.update(plaintext, 'utf8'), cipher.final(), cipher.getAuthTag()]);
  return { ciphertext: sealed.toString('base64'), nonce };
}

/** 12 printable characters: the nonce travels as text. */
function randomNonce(): string {
  return randomBytes(9).toString('base64url');
}

function flipFirstByte(base64: string): string {
  const bytes = Buffer.from(base64, 'base64');
  bytes.writeUInt8(bytes.readUInt8(0) ^ 0x01, 0);
  return bytes.toString('base64');
}
