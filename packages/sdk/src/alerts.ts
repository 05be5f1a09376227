import { reading, writing } from './calls.ts';
import type { Connection } from './connection.ts';
import type * as t from './types.ts';

/** What a person on call is told of, and where. Members are refused with FORBIDDEN. */
export type AlertCalls = {
  alerts: {
    /** The newest first; with `open` those nobody has taken care of. `nextCursor` is the next page's `cursor`, null at the end. */
    list(filter?: t.AlertFilter, options?: t.CallOptions): Promise<t.AlertPage>;
    /** Who was told of it, and how that went. Rejects: ALERT_NOT_FOUND. */
    deliveries(alertId: string, options?: t.CallOptions): Promise<t.AlertDelivery[]>;
    /** Takes care of it; the first who says so stays. Operators, finance and admins. Rejects: ALERT_NOT_FOUND. */
    acknowledge(input: t.AcknowledgeAlert, options?: t.CallOptions): Promise<t.Alert>;
  };
  /** Robots of WeCom and Feishu chats, and systems that take signed JSON. Changed by admins alone. */
  alertTargets: {
    list(options?: t.CallOptions): Promise<t.AlertTarget[]>;
    /** Address and secret go in and never come out. Rejects: INPUT_INVALID. */
    add(input: t.AddAlertTarget, options?: t.CallOptions): Promise<t.AlertTarget>;
    /** What is left out stays. Rejects: STATE_CONFLICT when it has moved on from `revision`, INPUT_INVALID, ALERT_TARGET_NOT_FOUND. */
    update(input: t.UpdateAlertTarget, options?: t.CallOptions): Promise<t.AlertTarget>;
    /** Rejects: ALERT_TARGET_NOT_FOUND. */
    remove(targetId: string, options?: t.CallOptions): Promise<void>;
    /** Tells it that nothing is wrong; `alerts.deliveries` says within seconds whether it heard. Rejects: ALERT_TARGET_NOT_FOUND. */
    test(targetId: string, options?: t.CallOptions): Promise<t.TestedTarget>;
  };
};

export function alertsOf({ call }: Connection): AlertCalls {
  return {
    alerts: {
      list: (filter = {}, options) => call((trpc, o) => trpc.alerts.list.query(filter, o), reading(options)),
      deliveries: async (alertId, options) =>
        (await call((trpc, o) => trpc.alerts.deliveries.query({ alertId }, o), reading(options))).items,
      acknowledge: (input, options) => call((trpc, o) => trpc.alerts.acknowledge.mutate(input, o), writing(options)),
    },
    alertTargets: {
      list: async (options) =>
        (await call((trpc, o) => trpc.alertTargets.list.query(undefined, o), reading(options))).items,
      add: (input, options) => call((trpc, o) => trpc.alertTargets.add.mutate(input, o), writing(options)),
      update: (input, options) => call((trpc, o) => trpc.alertTargets.update.mutate(input, o), writing(options)),
      remove: async (targetId, options) => {
        await call((trpc, o) => trpc.alertTargets.remove.mutate({ targetId }, o), writing(options));
      },
      test: (targetId, options) => call((trpc, o) => trpc.alertTargets.test.mutate({ targetId }, o), writing(options)),
    },
  };
}
