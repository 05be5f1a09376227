import {
  add,
  consumedNearest,
  findAccountSpan,
  finding,
  isExplained,
  newAccountTally,
  type AccountCompared,
  type ConsumptionBook,
  type ConsumptionDay,
} from '@yunshang/billing';
import type { Clock, Db } from '@yunshang/db';
import { setTimeout as pause } from 'node:timers/promises';
import {
  BUSY,
  ProviderFailure,
  type Provider,
  type ProviderRegistry,
  type WorkConsumption,
} from '../providers/provider.ts';
import { compareWork } from './compare-work.ts';
import { listAccountRefs } from './reading.store.ts';
import { hasWork, listWork, sumWork, type Work } from './work.store.ts';

export type BookDeps = { db: Db; clock: Clock; providers: ProviderRegistry };

const PAGE = 100;
/** Questions to one vendor at a time. */
const AT_ONCE = 4;
const ANSWER_MS = 10_000;
const TRIES = 3;
const BUSY_PAUSE_MS = 1_000;

/** A book for each account that work is paid from, switched off or not: work is asked about one by one, and the account's readings say what all of it cost. */
export async function listProviderBooks(deps: BookDeps): Promise<ConsumptionBook[]> {
  const refs = await listAccountRefs(deps.db);
  return refs.map((ref) => ({ account: ref, compare: (day) => compareAccount(deps, ref, day) }));
}

async function compareAccount(deps: BookDeps, ref: string, day: ConsumptionDay): Promise<AccountCompared> {
  const provider = await deps.providers.get(ref);
  const compared = newAccountTally();
  if (provider?.consumption === undefined)
    return (await hasWork(deps.db, ref, day.span)) ? { ...compared, unread: 'switched_off' } : compared;
  try {
    await compareWorks(deps, { ref, day, ask: asker(provider), compared });
  } catch (error) {
    if (!(error instanceof ProviderFailure)) throw error;
    return { ...compared, unread: error.code };
  }
  return compareBalance(deps.db, { ref, day, compared });
}

type Ask = (work: Work) => Promise<WorkConsumption | undefined>;

/** Undefined for work that never got a number of the vendor's. */
function asker(provider: Provider): Ask {
  return async ({ vendor_ref: vendorRef }) => {
    if (vendorRef === null) return undefined;
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await provider.consumption?.(vendorRef, AbortSignal.timeout(ANSWER_MS));
      } catch (error) {
        if (!(error instanceof ProviderFailure && error.code === BUSY) || attempt === TRIES) throw error;
        await pause(BUSY_PAUSE_MS * attempt);
      }
    }
  };
}

async function compareWorks(
  deps: BookDeps,
  { ref, day, ask, compared }: { ref: string; day: ConsumptionDay; ask: Ask; compared: AccountCompared },
): Promise<void> {
  let after: Work | undefined;
  do {
    const page = await listWork(deps.db, { ref, span: day.span, after, limit: PAGE });
    for (let from = 0; from < page.length; from += AT_ONCE) {
      const works = page.slice(from, from + AT_ONCE);
      const found = await Promise.all(
        works.map(async (work) => compareWork({ ...deps, keep: day.keep }, work, await ask(work))),
      );
      compared.findings.push(...found.flat());
    }
    add(compared.counts, 'works', page.length);
    await day.onProgress();
    after = page.length < PAGE ? undefined : page.at(-1);
  } while (after !== undefined);
}

/** What is gone from the account between two readings, against what its work cost. */
async function compareBalance(
  db: Db,
  { ref, day, compared }: { ref: string; day: ConsumptionDay; compared: AccountCompared },
): Promise<AccountCompared> {
  const account = await findAccountSpan(db, ref, day.day);
  if (account === undefined)
    return (await hasWork(db, ref, day.span)) ? { ...compared, unread: 'no_reading' } : compared;
  const { opening, closing } = account;
  const explained = await sumWork(db, ref, { from: opening.at, to: closing.at });
  const consumed = consumedNearest(account);
  add(compared.sums, 'consumedMicroYuan', consumed);
  add(compared.sums, 'bookedMicroYuan', explained.most);
  if (isExplained(consumed, explained, opening.microYuanPerCoin)) return compared;
  const details = {
    account: ref,
    from: opening.at.toISOString(),
    to: closing.at.toISOString(),
    thereMicroYuan: consumed,
    hereMicroYuan: explained.least,
    hereAtMostMicroYuan: explained.most,
    toppedUpMicroYuan: account.toppedUp.microYuan,
  };
  compared.findings.push(finding('cost_total_differs', `${ref}:${opening.day}`, { details }));
  return compared;
}
