import type { Clock, Db } from '@yunshang/db';
import type { ProviderRegistry } from './provider.ts';
import { listDown, recordProbe, takeProbe } from './provider.store.ts';

const PROBE_LIMIT_MS = 5_000;

/** Asks every provider that is down, where asking is free, whether it is back. Returns how many are. */
export async function probeProviders(deps: { db: Db; clock: Clock; providers: ProviderRegistry }): Promise<number> {
  const { db, clock, providers } = deps;
  const probed = await Promise.all(
    (await listDown(db, clock.now())).map(async (ref) => {
      const provider = await providers.get(ref);
      if (provider?.probe === undefined || !(await takeProbe(db, ref, clock.now()))) return false;
      const isBack = await provider.probe(AbortSignal.timeout(PROBE_LIMIT_MS)).then(
        () => true,
        () => false,
      );
      if (isBack) await recordProbe(db, ref, clock.now());
      return isBack;
    }),
  );
  return probed.filter(Boolean).length;
}
