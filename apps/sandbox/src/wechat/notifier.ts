import { setTimeout as pause } from 'node:timers/promises';
import type { CallLog } from '../call-log.ts';
import type { SandboxConfig } from '../config.ts';
import type { FaultBoard, FaultTarget } from '../faults.ts';
import { postOnce, repeat } from '../notify.ts';
import { buildNotification, MUTATION_KINDS, sealNews, type Mutation, type Notification } from './notification.ts';
import type { NotificationAttempt, Order, Refund } from './order.ts';
import type { PlatformSigner } from './platform-signature.ts';
import { refundNews } from './refund-answer.ts';
import { transactionOf } from './transaction.ts';

/** Pauses before the retries, in seconds: 15 of them, 24 h 4 min in all. */
export const RETRY_SCHEDULE_S = [
  15, 15, 30, 180, 600, 1200, 1800, 1800, 1800, 3600, 10_800, 10_800, 10_800, 21_600, 21_600,
] as const;

const CHAIN_KINDS = ['notify_never', 'notify_duplicate', 'notify_late'] as const;

/** Of a payment, or of one of its refunds. */
export type Subject = { order: Order; refund?: Refund };

export type Notifier = {
  /** Tells the merchant until it acknowledges with 200 or 204 or the schedule ends. Does not wait. */
  announce(subject: Subject): void;
  /** The same, but waits for the answer to the first try. */
  announceNow(subject: Subject): Promise<void>;
  /** Sends one notification now, outside the schedule; answers the merchant's status, null for none. */
  sendOnce(subject: Subject, mutation?: Mutation): Promise<number | null>;
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

  const build = (subject: Subject, mutation: Mutation | undefined): Notification => {
    const { config, signer, now } = deps;
    const sealing = { apiV3Key: config.wechat.apiV3Key, signer, now: now() };
    const { order, refund } = subject;
    if (refund === undefined) return buildNotification(transactionOf(order), sealing, mutation);
    return sealNews(refundNews(order, refund), sealing, mutation);
  };

  const send = async (subject: Subject, attempt: number, mutation: Mutation | undefined): Promise<number | null> => {
    const { config, now } = deps;
    const { headers, body } = build(subject, mutation);
    const stopped = stopping.signal;
    const signal = AbortSignal.any([AbortSignal.timeout(config.notifyTimeoutMs), stopped]);
    const address = subject.refund?.notifyUrl ?? subject.order.request.notify_url;
    const status = await postOnce(address, { headers, body: new Uint8Array(body), signal });
    if (stopped.aborted) return null;
    attemptsOf(subject).push({ at: now().toISOString(), attempt, kind: mutation?.kind ?? 'plain', status });
    const { vendor, action, ids } = targetOf(subject);
    const fault = mutation === undefined ? {} : { fault: mutation.kind };
    deps.log.add({ vendor, action, ids: { ...ids, attempt: String(attempt) }, status, ...fault });
    return status;
  };

  /** A fault bends one try; the retry that follows may be right. */
  const tryOnce = (subject: Subject, attempt: number) =>
    send(subject, attempt, deps.faults.take(targetOf(subject), MUTATION_KINDS));

  const retry = async (subject: Subject): Promise<void> => {
    const { signal } = stopping;
    for (const [index, seconds] of RETRY_SCHEDULE_S.entries()) {
      const paused = await pause(seconds * 1000 * deps.config.timeScale, true, { signal }).catch(() => false);
      if (!paused || isAcknowledged(await tryOnce(subject, index + 1))) return;
    }
  };

  const firstTry = async (subject: Subject): Promise<boolean> => {
    const fault = deps.faults.take(targetOf(subject), CHAIN_KINDS);
    if (fault?.kind === 'notify_never') return true;
    if (fault?.kind === 'notify_late') {
      const waited = await pause(fault.ms, true, { signal: stopping.signal }).catch(() => false);
      if (!waited) return true;
    }
    if (fault?.kind !== 'notify_duplicate') return isAcknowledged(await tryOnce(subject, 0));
    const statuses = await repeat({ count: fault.count, parallel: fault.parallel }, () => tryOnce(subject, 0));
    return statuses.some(isAcknowledged);
  };

  const announceNow = async (subject: Subject): Promise<void> => {
    if (!(await firstTry(subject))) void retry(subject);
  };
  return {
    announce: (subject) => void announceNow(subject),
    announceNow,
    sendOnce: (subject, mutation) => send(subject, 0, mutation),
    stop() {
      stopping.abort();
      stopping = new AbortController();
    },
  };
}

function attemptsOf({ order, refund }: Subject): NotificationAttempt[] {
  return refund === undefined ? order.notifications : refund.notifications;
}

function targetOf({ order, refund }: Subject): FaultTarget {
  const outTradeNo = order.request.out_trade_no;
  return refund === undefined
    ? { vendor: 'wechat', action: 'Notify', ids: { outTradeNo } }
    : { vendor: 'wechat', action: 'NotifyRefund', ids: { outTradeNo, outRefundNo: refund.outRefundNo } };
}

function isAcknowledged(status: number | null): boolean {
  return status === 200 || status === 204;
}
