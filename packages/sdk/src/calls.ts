import type { CallOptions, KeyedOptions } from './types.ts';

/** A read may be repeated. */
export const reading = (call: CallOptions | undefined) => ({ signal: call?.signal, isRepeatable: true });
/** A write without a key may not. */
export const writing = (call: CallOptions | undefined) => ({ signal: call?.signal, isRepeatable: false });
/** One key for all tries of one call: what a lost answer had done is found again, not done twice. */
export const keyed = (call: KeyedOptions | undefined) => ({
  signal: call?.signal,
  isRepeatable: true,
  idempotencyKey: call?.idempotencyKey ?? crypto.randomUUID(),
});
