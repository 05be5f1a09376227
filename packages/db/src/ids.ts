import { randomFillSync } from 'node:crypto';
import { encodeTime, monotonicFactory } from 'ulid';

/** A ULID asks for 16 random bytes one by one; a call of the system for each costs 20 times what a byte of a pool does. */
const pool = Buffer.alloc(4096);
let used = pool.length;

function randomFraction(): number {
  if (used === pool.length) {
    randomFillSync(pool);
    used = 0;
  }
  const byte = pool[used] ?? 0;
  used += 1;
  return byte / 256;
}

const next = monotonicFactory(randomFraction);

/** A fresh ULID; within one process each sorts after the one before. */
export function newId(): string {
  return next();
}

const TIME_CHARACTERS = 10;
const RANDOM_CHARACTERS = 16;

/** Where ids made at that time begin: rows whose ids are ours can be found by when they were made, without another index. */
export function idFloor(time: Date): string {
  return encodeTime(time.getTime(), TIME_CHARACTERS) + '0'.repeat(RANDOM_CHARACTERS);
}
