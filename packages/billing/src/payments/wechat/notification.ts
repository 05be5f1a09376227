import { createDecipheriv } from 'node:crypto';
import { AppError } from '@yunshang/contracts';
import { z } from 'zod';
import { type HeaderValues, type SignatureCheck } from './platform-signature.ts';
import { readRefundNotification, type WechatRefund } from './refund.ts';
import { type Payment, readPayment } from './transaction.ts';

/** A notification as it arrived: header values by lower-case name and the untouched bytes of the body. */
export type NotificationInput = { headers: HeaderValues; rawBody: Buffer };

/** What a believed notification tells. `id` is the vendor's name for it, not proven to stay the same over its retries. */
export type WechatNotification =
  | { kind: 'payment'; id: string; payment: Payment }
  | { kind: 'refund'; id: string; refund: WechatRefund }
  | { kind: 'other'; id: string; eventType: string };

const TAG_BYTES = 16;
const REFUND_EVENTS = new Set(['REFUND.SUCCESS', 'REFUND.CLOSED', 'REFUND.ABNORMAL']);

const envelopeSchema = z.object({
  id: z.string().min(1),
  event_type: z.string(),
  resource: z.object({
    algorithm: z.literal('AEAD_AES_256_GCM'),
    ciphertext: z.base64(),
    associated_data: z.string().default(''),
    nonce: z.string().refine((nonce) => Buffer.byteLength(nonce) === 12),
  }),
});
type Resource = z.infer<typeof envelopeSchema>['resource'];

/**
 * Believes a notification only when its signature verifies with a known key over the raw body, its time is fresh, its
 * ciphertext authenticates and its text reads as expected. Anything else is NOTIFICATION_REFUSED, the reason in the cause.
 */
export function openNotification(
  input: NotificationInput,
  trust: { findFault: SignatureCheck; apiV3Key: string; mchid: string; now: Date },
): WechatNotification {
  const fault = trust.findFault({ headers: input.headers, body: input.rawBody }, trust.now);
  if (fault !== undefined) throw refused(fault);
  const envelope = envelopeSchema.safeParse(parseJson(input.rawBody));
  if (!envelope.success) throw refused('envelope_malformed');
  const { id, event_type: eventType, resource } = envelope.data;
  const opened = parseJson(decrypt(resource, trust.apiV3Key));
  if (REFUND_EVENTS.has(eventType)) {
    const refund = readRefundNotification(opened, trust.mchid);
    if (refund === undefined) throw refused('refund_malformed');
    return { kind: 'refund', id, refund };
  }
  if (eventType !== 'TRANSACTION.SUCCESS') return { kind: 'other', id, eventType };
  const payment = readPayment(opened);
  if (payment === undefined) throw refused('transaction_malformed');
  return { kind: 'payment', id, payment };
}

function decrypt(resource: Resource, apiV3Key: string): Buffer {
  const sealed = Buffer.from(resource.ciphertext, 'base64');
  if (sealed.length < TAG_BYTES) throw refused('ciphertext_short');
  const options = { authTagLength: TAG_BYTES };
  const decipher = createDecipheriv('aes-256-gcm', Buffer.from(apiV3Key), Buffer.from(resource.nonce), options);
  decipher.setAAD(Buffer.from(resource.associated_data));
  decipher.setAuthTag(sealed.subarray(-TAG_BYTES));
  const text = decipher.update(sealed.subarray(0, -TAG_BYTES));
  try {
    // final() is what compares the tag: nothing decrypted is used before it.
    return Buffer.concat([text, decipher.final()]);
  } catch {
    throw refused('ciphertext_not_authentic');
  }
}

function parseJson(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch {
    return undefined;
  }
}

function refused(reason: string): AppError {
  return new AppError('NOTIFICATION_REFUSED', {}, { cause: new Error(`WeChat Pay notification: ${reason}`) });
}
