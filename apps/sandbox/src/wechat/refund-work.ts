import { setTimeout as pause } from 'node:timers/promises';
import type { SandboxConfig } from '../config.ts';
import type { FaultBoard } from '../faults.ts';
import type { Notifier } from './notifier.ts';
import type { Order, Refund, RefundStatus } from './order.ts';

/** The bank's time for a refund, in the vendor's time. */
const WORK_MS = 60_000;

export type RefundWork = {
  /** The bank takes it up: after a while it has succeeded, unless a fault says otherwise. */
  begin(order: Order, refund: Refund): void;
  /** It leaves the state it is in now, and the merchant is told. */
  end(order: Order, refund: Refund, status: Exclude<RefundStatus, 'PROCESSING'>): void;
  stop(): void;
};

type Deps = { config: SandboxConfig; faults: FaultBoard; now: () => Date; notifier: Notifier };

export function createRefundWork(deps: Deps): RefundWork {
  let stopping = new AbortController();

  function end(order: Order, refund: Refund, status: Exclude<RefundStatus, 'PROCESSING'>): void {
    refund.status = status;
    refund.successTime = status === 'SUCCESS' ? deps.now() : undefined;
    deps.notifier.announce({ order, refund });
  }

  async function work(order: Order, refund: Refund, ends: RefundEnd): Promise<void> {
    const { signal } = stopping;
    const waited = await pause(ends.afterMs, true, { signal }).catch(() => false);
    if (waited && refund.status === 'PROCESSING') end(order, refund, ends.status);
  }

  return {
    begin(order, refund) {
      const ids = { outTradeNo: order.request.out_trade_no, outRefundNo: refund.outRefundNo };
      const target = { vendor: 'wechat', action: 'Refund', ids } as const;
      if (deps.faults.take(target, ['refund_held']) !== undefined) return;
      const bent = deps.faults.take(target, ['refund_ends']);
      const afterMs = bent?.afterMs ?? WORK_MS * deps.config.timeScale;
      void work(order, refund, { status: bent?.status ?? 'SUCCESS', afterMs });
    },
    end,
    stop() {
      stopping.abort();
      stopping = new AbortController();
    },
  };
}

type RefundEnd = { status: Exclude<RefundStatus, 'PROCESSING'>; afterMs: number };
