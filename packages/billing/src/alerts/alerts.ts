import {
  AppError,
  inputInvalid,
  type AddAlertTarget,
  type AlertDelivery,
  type AlertFormat,
  type AlertTarget,
  type AlertView,
  type UpdateAlertTarget,
} from '@yunshang/contracts';
import { inTransaction, newId, recordAudit, type Actor, type Clock, type Db, type Tx } from '@yunshang/db';
import { acknowledge, findAlert, listAlerts, listDeliveries, type AlertFilter } from './alert.store.ts';
import { planTest } from './delivery.store.ts';
import type { Address } from './message.ts';
import {
  findTarget,
  insertTarget,
  listTargets,
  removeTarget,
  saveTarget,
  type Sealed,
  type TargetRow,
} from './target.store.ts';

export type Alerts = {
  /** The newest first. */
  list(filter: AlertFilter): Promise<{ items: AlertView[]; nextCursor: string | null }>;
  /** Who was told of it, and how that went. Throws ALERT_NOT_FOUND. */
  deliveries(alertId: string): Promise<AlertDelivery[]>;
  /** Somebody takes care of it; the first who says so stays. Throws ALERT_NOT_FOUND. */
  acknowledge(actor: Actor, input: { alertId: string; note?: string | undefined }): Promise<AlertView>;
};

export type AlertTargets = {
  list(): Promise<AlertTarget[]>;
  /** Throws INPUT_INVALID for an address that is not https, or a secret that is missing or has no use. */
  add(actor: Actor, input: AddAlertTarget): Promise<AlertTarget>;
  /** What is left out stays. Throws ALERT_TARGET_NOT_FOUND, STATE_CONFLICT when it has moved on from `revision`, INPUT_INVALID. */
  update(actor: Actor, input: UpdateAlertTarget): Promise<AlertTarget>;
  /** Throws ALERT_TARGET_NOT_FOUND. */
  remove(actor: Actor, targetId: string): Promise<void>;
  /** Tells this target that nothing is wrong; `deliveries` says within seconds whether it heard. Throws ALERT_TARGET_NOT_FOUND. */
  test(actor: Actor, targetId: string): Promise<{ alertId: string }>;
};

export function createAlerts({ db, clock }: { db: Db; clock: Clock }): Alerts {
  const get = async (alertId: string): Promise<AlertView> => {
    const alert = await findAlert(db, alertId);
    if (alert === undefined) throw new AppError('ALERT_NOT_FOUND');
    return alert;
  };
  return {
    list: (filter) => listAlerts(db, filter),
    deliveries: async (alertId) => {
      await get(alertId);
      return listDeliveries(db, alertId);
    },
    acknowledge: async (actor, { alertId, note }) => {
      await inTransaction(db, async (tx) => {
        const now = clock.now();
        if (!(await acknowledge(tx, { id: alertId, by: actor.id, note, now }))) return;
        const entry = { action: 'alert.acknowledged', subjectType: 'alert', subjectId: alertId, details: {}, now };
        await recordAudit(tx, actor, entry);
      });
      return get(alertId);
    },
  };
}

export type AlertTargetsDeps = {
  db: Db;
  clock: Clock;
  seal: (targetId: string, address: Address) => Sealed;
  /** `host:port` that may be spoken to in plain http; for development. */
  devHosts: readonly string[];
};

export function createAlertTargets(deps: AlertTargetsDeps): AlertTargets {
  const { db, clock } = deps;
  return {
    list: async () => (await listTargets(db)).map(({ target }) => target),
    add: async (actor, input) => {
      const id = newId();
      const { host, sealed } = addressed(deps, id, input);
      await inTransaction(db, async (tx) => {
        const now = clock.now();
        await insertTarget(tx, { ...input, id, host, sealed, isEnabled: true, now });
        const { name, format, kinds } = input;
        await audit(tx, actor, { action: 'added', id, details: { name, format, host, kinds }, now });
      });
      return (await getTarget(db, id)).target;
    },
    update: async (actor, input) => {
      const { targetId: id, revision } = input;
      await inTransaction(db, async (tx) => {
        const { target, sealed } = await getTarget(tx, id);
        const now = clock.now();
        if (input.url === undefined && input.secret !== undefined)
          throw inputInvalid('url', 'required', {
            zh: '更换密钥时须同时填写地址',
            en: 'a secret comes with its address',
          });
        const address =
          input.url === undefined
            ? { host: target.host, sealed }
            : addressed(deps, id, { format: target.format, url: input.url, secret: input.secret });
        const { name = target.name, kinds = target.kinds, isEnabled = target.isEnabled } = input;
        const body = { name, kinds, isEnabled, format: target.format, ...address };
        if (!(await saveTarget(tx, { id, revision, body, now })))
          throw new AppError('STATE_CONFLICT', { reason: `revision is ${target.revision}` });
        await audit(tx, actor, { action: 'changed', id, details: { name, kinds, isEnabled, host: body.host }, now });
      });
      return (await getTarget(db, id)).target;
    },
    remove: (actor, id) =>
      inTransaction(db, async (tx) => {
        const now = clock.now();
        if (!(await removeTarget(tx, id, now))) throw new AppError('ALERT_TARGET_NOT_FOUND');
        await audit(tx, actor, { action: 'removed', id, details: {}, now });
      }),
    test: (actor, id) =>
      inTransaction(db, async (tx) => {
        await getTarget(tx, id);
        const now = clock.now();
        const alertId = await planTest(tx, id, now);
        await audit(tx, actor, { action: 'tested', id, details: {}, now });
        return { alertId };
      }),
  };
}

async function getTarget(db: Db, id: string): Promise<TargetRow> {
  const row = await findTarget(db, id);
  if (row === undefined) throw new AppError('ALERT_TARGET_NOT_FOUND');
  return row;
}

type Entered = { format: AlertFormat; url: string; secret?: string | undefined };

/** An address as the row keeps it, after a first look: the last one is had when it is spoken to. */
function addressed(
  { seal, devHosts }: AlertTargetsDeps,
  id: string,
  { format, url, secret }: Entered,
): { host: string; sealed: Sealed } {
  const { host, protocol, username, password } = new URL(url);
  if (protocol !== 'https:' && !devHosts.includes(host))
    throw inputInvalid('url', 'https', { zh: '地址须以 https 开头', en: 'an address begins with https' });
  if (username !== '' || password !== '')
    throw inputInvalid('url', 'user', { zh: '地址不得包含用户名或密码', en: 'an address carries no user' });
  if (format === 'wecom' && secret !== undefined)
    throw inputInvalid('secret', 'unused', { zh: '企业微信机器人没有密钥', en: 'a WeCom robot has no secret' });
  if (format !== 'wecom' && secret === undefined)
    throw inputInvalid('secret', 'required', { zh: '请填写签名密钥', en: 'it takes the secret that signs' });
  return { host, sealed: seal(id, { url, secret: secret ?? null }) };
}

function audit(
  tx: Tx,
  actor: Actor,
  { action, id, details, now }: { action: string; id: string; details: Record<string, unknown>; now: Date },
): Promise<void> {
  return recordAudit(tx, actor, {
    action: `alert_target.${action}`,
    subjectType: 'alert_target',
    subjectId: id,
    details,
    now,
  });
}
