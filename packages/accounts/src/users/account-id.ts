import { randomInt } from 'node:crypto';

/** Nine digits a person can read out. Random, so it does not tell how many accounts there are. */
export function newAccountId(): string {
  return String(randomInt(100_000_000, 1_000_000_000));
}
