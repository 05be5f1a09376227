import { setTimeout as pause } from 'node:timers/promises';
import type { CallLog } from '../call-log.ts';
import type { SandboxConfig } from '../config.ts';
import type { FaultBoard, FaultTarget } from '../faults.ts';
import { postOnce, repeat } from '../notify.ts';
import { buildNotification, MUTATION_KINDS, type Mutation } from './notification.ts';
import type { Order } from './order.ts';
import type { PlatformSigner } from './platform-signature.ts';
import { transactionOf } from './transaction.ts';

/** Pauses before the retries, in seconds: 15 of them, 24 h 4 min in all. */
export const RETRY_SCHEDULE_S = [
  15, 15, 30, 180, 600, 1200, 1800, 1800, 1800, 3600, 10_800, 10_800, 10_800, 21_600, 21_600,
] as const;

const CHAIN_KINDS = ['notify_never', 'notify_duplicate', 'notify_late'] as const;

export type Notifier = {
  /** Tells the merchant until it acknowledges with 200 or 204 or the schedule ends. Does not wait. */
  announce(order: Order): void;
  /** The same, but waits for the answer to the first try. */
  announceNow(order: Order): Promise<void>;
  /** Sends one notification now, outside the schedule; answers the merchant's status, null for none. */
  sendOnce(order: Order, mutation?: Mutation): Promise<number | null>;
  /** Gives up every schedule under way. */
  stop(): void;
};

export type NotifierDeps = {
  config: SandboxConfig;
  faults: FaultBoard;
  log: CallLog;
  signer: PlatformSigner;
  now: () => Date;
};

export function createNotifier(deps: NotifierDeps): Notifier {
  let stopping = new AbortController();

  const send = async (order: Order, attempt: number, mutation: Mutation | undefined): Promise<number | null> => {
    const { config, signer, now } = deps;
    const sealing = { apiV3Key: config.wechat.apiV3Key, signer, now: now() };
    const { headers, body } = buildNotification(transactionOf(order), sealing, mutation);
    const stopped = stopping.signal;
    const signal = AbortSignal.any([AbortSignal.timeout(config.notifyTimeoutMs), stopped]);
    const status = await postOnce(order.request.notify_url, { headers, body: new Uint8Array(body), signal });
    if (stopped.aborted) return null;
    const kind = mutation?.kind ?? 'plain';
    order.notifications.push({ at: now().toISOString(), attempt, kind, status });
    deps.log.add({
      vendor: 'wechat',
      action: 'Notify',
      ids: { outTradeNo: order.request.out_trade_no, attempt: String(attempt) },
      status,
      ...(mutation === undefined ? {} : { fault: mutation.kind }),
    });
    return status;
  };

  /** A fault bends one try; the retry that follows may be right. */
  const tryOnce = (order: Order, attempt: number) =>
    send(order, attempt, deps.faults.take(targetOf(order), MUTATION_KINDS));

  const retry = async (order: Order): Promise<void> => {
    const { signal } = stopping;
    for (const [index, seconds] of RETRY_SCHEDULE_S.entries()) {
      const paused = await pause(seconds * 1000 * deps.config.timeScale, true, { signal }).catch(() => false);
      if (!paused || isAcknowledged(await tryOnce(order, index + 1))) return;
    }
  };

  const firstTry = async (order: Order): Promise<boolean> => {
    const fault = deps.faults.take(targetOf(order), CHAIN_KINDS);
    if (fault?.kind === 'notify_never') return true;
    if (fault?.kind === 'notify_late') {
      const waited = await pause(fault.ms, true, { signal: stopping.signal }).catch(() => false);
      if (!waited) return true;
    }
    if (fault?.kind !== 'notify_duplicate') return isAcknowledged(await tryOnce(order, 0));
    const statuses = await repeat({ count: fault.count, parallel: fault.parallel }, () => tryOnce(order, 0));
    return statuses.some(isAcknowledged);
  };

  const announceNow = async (order: Order): Promise<void> => {
    if (!(await firstTry(order))) void retry(order);
  };
  return {
    announce: (order) => void announceNow(order),
    announceNow,
    sendOnce: (order, mutation) => send(order, 0, mutation),
    stop() {
      stopping.abort();
      stopping = new AbortController();
    },
  };
}

function targetOf(order: Order): FaultTarget {
  return { vendor: 'wechat', action: 'Notify', ids: { outTradeNo: order.request.out_trade_no } };
}

function isAcknowledged(status: number | null): boolean {
  return status === 200 || status === 204;
}
