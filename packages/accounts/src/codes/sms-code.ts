import { createHmac, randomInt, timingSafeEqual } from 'node:crypto';

/** Wrong guesses after which a code is spent; the table's CHECK holds the same number. */
export const MAX_TRIES = 5;
const CODE_SPACE = 1_000_000;

export type StoredCode = { id: string; code_hash: Buffer; tries: number; expires_at: Date };

/** Six digits from the system's random source. */
export function newCode(): string {
  return String(randomInt(CODE_SPACE)).padStart(6, '0');
}

/** Binds a code to its row and phone: without the key its million possibilities can not be tried. */
export function hashCode(codeKey: Buffer, code: { id: string; phoneIndex: Buffer; digits: string }): Buffer {
  return createHmac('sha256', codeKey).update(code.id).update(code.phoneIndex).update(code.digits).digest();
}

/** What one guess does to a code that was locked for it. */
export type GuessVerdict = { kind: 'right' } | { kind: 'wrong'; tries: number; spent: boolean } | { kind: 'void' };

/** `guess` is the hash of what was entered for this code. */
export function judgeGuess(code: StoredCode, guess: Buffer, now: Date): GuessVerdict {
  if (code.expires_at <= now || code.tries >= MAX_TRIES) return { kind: 'void' };
  if (timingSafeEqual(code.code_hash, guess)) return { kind: 'right' };
  const tries = code.tries + 1;
  return { kind: 'wrong', tries, spent: tries >= MAX_TRIES };
}
