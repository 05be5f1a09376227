import type { Vendor } from './fault-schema.ts';

/** What a call was about: `outTradeNo`, `key`, `job`, `phone`. Never a secret, a code or a body. */
export type CallIds = Readonly<Record<string, string>>;

export type LoggedCall = {
  seq: number;
  time: string;
  vendor: Vendor;
  action: string;
  ids: CallIds;
  /** HTTP status answered; null when the call was left without an answer. */
  status: number | null;
  /** The vendor's error code, when it refused. */
  code?: string;
  /** The fault that bent this call, when one did. */
  fault?: string;
};

export type CallLog = {
  add(call: Omit<LoggedCall, 'seq' | 'time'>): void;
  /** Calls after `since` (a seq), oldest first. */
  list(filter: { vendor?: Vendor | undefined; since?: number | undefined }): LoggedCall[];
  reset(): void;
};

const KEPT_CALLS = 20_000;

/** The vendors' own record of what they were asked; the oldest calls fall out beyond 20 000. */
export function createCallLog(now: () => Date): CallLog {
  let calls: LoggedCall[] = [];
  let seq = 0;
  return {
    add(call) {
      seq += 1;
      calls.push({ seq, time: now().toISOString(), ...call, ids: masked(call.ids) });
      if (calls.length > KEPT_CALLS) calls = calls.slice(-KEPT_CALLS / 2);
    },
    list: ({ vendor, since = 0 }) =>
      calls.filter((call) => call.seq > since && (vendor === undefined || call.vendor === vendor)),
    reset() {
      calls = [];
    },
  };
}

function masked(ids: CallIds): CallIds {
  const phone = ids['phone'];
  return phone === undefined ? ids : { ...ids, phone: `${phone.slice(0, -8)}****${phone.slice(-4)}` };
}
