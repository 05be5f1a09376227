import type { Clock, Db } from '@yunshang/db';
import type { ProviderRegistry } from './provider.ts';
import { listDown, recordProbe, takeProbe } from './provider.store.ts';

const PROBE_LIMIT_MS = 10_000;

/** Asks every provider that is down, where asking is free, whether it is back. Returns how many are. */
export async function probeProviders(deps: { db: Db; clock: Clock; providers: ProviderRegistry }): Promise<number> {
  const { db, clock, providers } = deps;
  let back = 0;
  for (const ref of await listDown(db, clock.now())) {
    const provider = await providers.get(ref);
    if (provider?.probe === undefined || !(await takeProbe(db, ref, clock.now()))) continue;
    const isBack = await provider.probe(AbortSignal.timeout(PROBE_LIMIT_MS)).then(
      () => true,
      () => false,
    );
    if (!isBack) continue;
    await recordProbe(db, ref, clock.now());
    back += 1;
  }
  return back;
}
