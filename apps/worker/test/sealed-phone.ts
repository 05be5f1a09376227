import { createCipheriv, randomBytes } from 'node:crypto';

/** A phone as the server keeps it: nonce, ciphertext, tag; bound to the member. `key` is 32 bytes in base64. */
export function sealedPhone(key: string, { userId, phone }: { userId: string; phone: string }): Buffer {
  const nonce = randomBytes(12);
  const cipher = createCipheriv('aes-256-gcm', Buffer.from(key, 'base64'), nonce);
  cipher.setAAD(Buffer.from(userId));
  return Buffer.concat([nonce, cipher.update(phone, 'utf8'), cipher.final(), cipher.getAuthTag()]);
}
