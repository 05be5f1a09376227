import type { Tx } from '@yunshang/db';

/** What messages cost us. */
export type SmsCosts = {
  /** Called in the transaction that records the intent to send. */
  book(tx: Tx, codeId: string, now: Date): Promise<void>;
  /** How many messages the vendor charges for: none when it refused. */
  settle(codeId: string, segments: number): Promise<void>;
};

/** For who keeps no books. */
export const NO_SMS_COSTS: SmsCosts = { book: async () => undefined, settle: async () => undefined };
