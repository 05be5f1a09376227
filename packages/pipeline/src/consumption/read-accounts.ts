import { insertReading, listRead } from '@yunshang/billing';
import { type Clock, type Db, shanghaiDay } from '@yunshang/db';
import { ProviderFailure, type ProviderRegistry } from '../providers/provider.ts';
import { listAccountRefs } from './reading.store.ts';

const ANSWER_MS = 5_000;

/**
 * Once a calendar day in Asia/Shanghai, as early in it as may be, writes down what each vendor's account holds. One that does not answer is
 * read at the next turn. Returns how many were.
 */
export async function readAccounts(deps: { db: Db; clock: Clock; providers: ProviderRegistry }): Promise<number> {
  const { db, clock, providers } = deps;
  const day = shanghaiDay(clock.now());
  const refs = await listAccountRefs(db);
  const known = await listRead(db, refs, day);
  let read = 0;
  for (const ref of refs.filter((one) => !known.has(one))) {
    const provider = await providers.get(ref);
    const account = await provider?.account?.(AbortSignal.timeout(ANSWER_MS)).catch(unread);
    const at = clock.now();
    // An answer that came after midnight is the next day's.
    if (account === undefined || shanghaiDay(at) !== day) continue;
    const { microYuan, microCoins, microYuanPerCoin } = account;
    if (await insertReading(db, ref, { microYuan, microCoins, microYuanPerCoin, day, at })) read += 1;
  }
  return read;
}

/** Whoever compares the day says that it could not be read. */
function unread(error: unknown): undefined {
  if (!(error instanceof ProviderFailure)) throw error;
}
