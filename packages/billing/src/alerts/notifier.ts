import type { Clock, Db } from '@yunshang/db';
import { isDue, MAX_TRIES } from './delivery.ts';
import { claimDelivery, endTry, listWaiting, planDeliveries, type Waiting } from './delivery.store.ts';
import { messageOf, refusalOf, type Address, type Message } from './message.ts';
import { findTarget, type Sealed } from './target.store.ts';

/** One POST to an address a person entered: to public addresses only, over https, without redirects. Throws where there is no answer. */
export type Post = (url: string, message: Message) => Promise<{ status: number; body: Buffer }>;

export type NotifierDeps = {
  db: Db;
  clock: Clock;
  post: Post;
  /** Opens what the target's row has sealed. Throws when it can not. */
  open: (targetId: string, sealed: Sealed) => Address;
};

export type Notifier = {
  /**
   * Tells every target what it has not been told, each alert at least once and nearly always only once. A target that fails is left alone until
   * its next turn; the others are told meanwhile. Safe beside itself. Returns how many were told.
   */
  deliver(): Promise<number>;
};

/** In one round; WeCom takes 20 a minute and says so beyond. */
const PER_TARGET = 10;

/**
 * The rows are the queue, not the outbox and Redis: what goes wrong there is told here, and what can not be told must not become another
 * alert.
 */
export function createNotifier(deps: NotifierDeps): Notifier {
  const { db, clock } = deps;
  return {
    deliver: async () => {
      await planDeliveries(db, clock.now());
      const due = (await listWaiting(db)).filter((delivery) => isDue(delivery, clock.now()));
      const byTarget = Map.groupBy(due, ({ targetId }) => targetId);
      const told = await Promise.all([...byTarget.values()].map((list) => tell(deps, list.slice(0, PER_TARGET))));
      return told.reduce((sum, count) => sum + count, 0);
    },
  };
}

async function tell(deps: NotifierDeps, list: readonly Waiting[]): Promise<number> {
  let told = 0;
  for (const delivery of list) {
    if (!(await claimDelivery(deps.db, delivery, deps.clock.now()))) continue;
    const error = await tryOnce(deps, delivery);
    const isLast = delivery.tries + 1 >= MAX_TRIES;
    const status = error === undefined ? 'sent' : isLast ? 'given_up' : 'waiting';
    await endTry(deps.db, delivery, { status, error: error ?? null });
    if (error !== undefined) break;
    told += 1;
  }
  return told;
}

/** Undefined when it was taken; else why not, in a word of ours. */
async function tryOnce(
  { db, clock, open, post }: NotifierDeps,
  { targetId, alert }: Waiting,
): Promise<string | undefined> {
  const row = await findTarget(db, targetId);
  if (row === undefined) return 'removed';
  const { format } = row.target;
  try {
    const { url, secret } = open(targetId, row.sealed);
    return refusalOf(format, await post(url, messageOf(alert, { format, secret, at: clock.now() })));
  } catch (error) {
    const kind: unknown = error instanceof Error ? (Reflect.get(error, 'kind') ?? error.name) : undefined;
    return typeof kind === 'string' ? kind.slice(0, 40) : 'unknown';
  }
}
