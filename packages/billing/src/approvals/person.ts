import type { Actor } from '@yunshang/db';

/** Who of flesh and blood acts: only people ask, decide and give. */
export function personOf(actor: Actor): string {
  if (actor.id === null) throw new Error('this takes a person');
  return actor.id;
}
