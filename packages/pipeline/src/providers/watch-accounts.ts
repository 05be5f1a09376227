import { raiseAlert, shanghaiDay, type Clock, type Db } from '@yunshang/db';
import type { ProviderRegistry } from './provider.ts';
import { listEnabled } from './provider.store.ts';

const LIMIT_MS = 5_000;

/** Tells a person on call of each vendor account with little money left, once a day. One that does not answer is left to its next turn. Returns how many are news. */
export async function watchAccounts(deps: { db: Db; clock: Clock; providers: ProviderRegistry }): Promise<number> {
  const { db, clock, providers } = deps;
  const told = await Promise.all(
    (await listEnabled(db)).map(async (ref) => {
      const provider = await providers.get(ref);
      const account = await provider?.account?.(AbortSignal.timeout(LIMIT_MS)).catch(() => undefined);
      if (account === undefined || !account.isLow) return false;
      const now = clock.now();
      const { microYuan, microCoins } = account;
      const coins = Math.floor(microCoins / 1_000_000);
      const about = { subject: ref, period: shanghaiDay(now) };
      const details = { providerRef: ref, microYuan, coins };
      return raiseAlert(db, { kind: 'vendor_account_low', ...about, details }, now);
    }),
  );
  return told.filter(Boolean).length;
}
