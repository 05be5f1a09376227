import { randomBytes } from 'node:crypto';
import { createAlerts, createAlertTargets, createNotifier, type AlertTargets, type Notifier } from '@yunshang/billing';
import type { AddAlertTarget } from '@yunshang/contracts';
import { raiseAlert } from '@yunshang/db';
import { fakeClock, makeMember, type Robot } from '@yunshang/devstack';
import { testDatabase, testSandbox } from '@yunshang/devstack/testing';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { createAlertPost, openAddress, sealAddress } from '../src/index.ts';

let database: Awaited<ReturnType<typeof testDatabase>>;
let sandbox: Awaited<ReturnType<typeof testSandbox>>;
let devHosts: string[];
const keys = [{ version: 1, key: randomBytes(32) }] as const;
const admin = { id: null, role: 'system', requestId: 'test' } as const;
const clock = fakeClock(new Date());
let targets: AlertTargets;
let notifier: Notifier;
let subjects = 0;

beforeAll(async () => {
  [database, sandbox] = await Promise.all([testDatabase(), testSandbox()]);
  devHosts = [new URL(sandbox.url).host];
  targets = createAlertTargets({ db: database.db, clock, devHosts, seal: (...args) => sealAddress(keys, ...args) });
  notifier = openNotifier(devHosts);
});
beforeEach(async () => {
  await sandbox.control.reset();
  await database.db.deleteFrom('alert_deliveries').execute();
  await database.db.deleteFrom('alert_targets').execute();
  await database.db.deleteFrom('alerts').execute();
  // Signatures are judged by the sandbox's own clock.
  clock.set(new Date());
});
afterAll(() => database.close());

function openNotifier(hosts: readonly string[]): Notifier {
  const post = createAlertPost({ devHosts: hosts });
  return createNotifier({ db: database.db, clock, post, open: (...args) => openAddress(keys, ...args) });
}

async function add(
  format: 'wecom' | 'feishu' | 'json',
  more: Partial<AddAlertTarget> = {},
): Promise<Robot & { id: string }> {
  const robot = await sandbox.control.addRobot(format);
  const secret = format === 'wecom' ? {} : { secret: robot.secret };
  const { id } = await targets.add(admin, { name: format, format, url: robot.url, kinds: null, ...secret, ...more });
  return { ...robot, id };
}
const raise = (kind: 'heavy_use' | 'budget_80' = 'heavy_use') =>
  raiseAlert(database.db, { kind, subject: `s${(subjects += 1)}`, period: 'p', details: { n: subjects } }, clock.now());
const to = (url: string, more = {}) => targets.add(admin, { name: 'x', format: 'wecom', url, kinds: null, ...more });
const deliveries = () => database.db.selectFrom('alert_deliveries').selectAll().execute();
const heard = async (robot: Robot): Promise<number> => (await sandbox.control.robotSaid(robot)).length;

test('every target hears of an alert once, signed as its vendor wants it, whoever delivers', async () => {
  const robots = [await add('wecom'), await add('feishu'), await add('json')];
  await raise();
  const told = await Promise.all([notifier.deliver(), openNotifier(devHosts).deliver()]);
  expect(told.reduce((sum, count) => sum + count, 0)).toBe(3);
  for (const robot of robots)
    expect(await sandbox.control.robotSaid(robot)).toEqual([
      expect.stringContaining('【云裳告警】单个用户一小时内扣费'),
    ]);
  expect(await notifier.deliver()).toBe(0);
});

test('a target hears what it asked for, and nothing from before it was there', async () => {
  await raise('budget_80');
  clock.advance(1);
  const robot = await add('wecom', { kinds: ['budget_80'] });
  expect(await notifier.deliver()).toBe(0);
  await raise('heavy_use');
  await raise('budget_80');
  expect(await notifier.deliver()).toBe(1);
  expect(await heard(robot)).toBe(1);
});

test('one that is down is tried again after longer and longer pauses, while others hear; after ten tries it is given up', async () => {
  const [down, fine] = [await add('wecom'), await add('wecom')];
  const match = { robot: down.key.slice(0, 8) };
  await sandbox.control.fault({ vendor: 'robot', kind: 'error', status: 500, times: 'always', match });
  await raise();
  expect(await notifier.deliver()).toBe(1);
  expect(await notifier.deliver()).toBe(0);
  expect(await heard(fine)).toBe(1);
  clock.advance(10_000);
  await sandbox.control.clearFaults();
  expect(await notifier.deliver()).toBe(1);
  expect(await heard(down)).toBe(1);
  await sandbox.control.fault({ vendor: 'robot', kind: 'drop', times: 'always' });
  await raise();
  for (let n = 0; n < 11; n += 1) {
    await notifier.deliver();
    clock.advance(3_600_000);
  }
  const ended = (await deliveries()).filter(({ status }) => status !== 'sent');
  expect(ended).toMatchObject([1, 2].map(() => ({ status: 'given_up', tries: 10, last_error: 'lost' })));
});

test('a forged secret is refused by the robot and never shown', async () => {
  const { id } = await add('feishu', { secret: 'not-the-secret' });
  await raise();
  expect(await notifier.deliver()).toBe(0);
  expect(await deliveries()).toMatchObject([{ status: 'waiting', tries: 1, last_error: 'code_19021' }]);
  const seen = JSON.stringify([await targets.list(), await deliveries()]);
  expect(seen).not.toContain('not-the-secret');
  expect(seen).not.toContain('/hook/');
  const audit = await database.db.selectFrom('audit_logs').select('details').where('subject_id', '=', id).execute();
  expect(JSON.stringify(audit)).not.toContain('hook');
});

test('addresses inside are not spoken to, whatever their row says', async () => {
  const robot = await add('wecom');
  await raise();
  expect(await openNotifier([]).deliver()).toBe(0);
  expect(await deliveries()).toMatchObject([{ last_error: 'refused' }]);
  expect(await heard(robot)).toBe(0);
  await expect(to('http://example.com/hook')).rejects.toMatchObject({ code: 'INPUT_INVALID' });
  await expect(to('https://user:word@example.com/hook')).rejects.toMatchObject({ code: 'INPUT_INVALID' });
  await expect(to('https://example.com/hook', { secret: 'useless-here' })).rejects.toMatchObject({
    code: 'INPUT_INVALID',
  });
  await expect(to('https://example.com/hook', { format: 'json' })).rejects.toMatchObject({ code: 'INPUT_INVALID' });
  await to('https://169.254.169.254/latest/meta-data');
  await raise();
  clock.advance(60_000);
  await notifier.deliver();
  expect((await deliveries()).map((row) => row.last_error)).toContain('refused');
});

test('a target can be tried, changed, switched off and removed; two can not change it over each other', async () => {
  const robot = await add('json');
  const other = await sandbox.control.addRobot('json');
  const { alertId } = await targets.test(admin, robot.id);
  expect(await notifier.deliver()).toBe(1);
  const alerts = createAlerts({ db: database.db, clock });
  expect(await alerts.deliveries(alertId)).toMatchObject([
    { targetId: robot.id, status: 'sent', tries: 1, error: null },
  ]);
  const off = await targets.update(admin, { targetId: robot.id, revision: 1, isEnabled: false });
  expect(off).toMatchObject({ revision: 2, isEnabled: false, name: 'json' });
  await raise();
  expect(await notifier.deliver()).toBe(0);
  const moved = { targetId: robot.id, revision: 2, url: other.url, secret: other.secret, isEnabled: true };
  const both = await Promise.allSettled([targets.update(admin, moved), targets.update(admin, moved)]);
  expect(both.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
  expect(await notifier.deliver()).toBe(1);
  expect([await heard(robot), await heard(other)]).toEqual([1, 1]);
  await raise();
  await targets.remove(admin, robot.id);
  expect(await notifier.deliver()).toBe(0);
  await expect(targets.test(admin, robot.id)).rejects.toMatchObject({ code: 'ALERT_TARGET_NOT_FOUND' });
  expect(await targets.list()).toEqual([]);
});

test('alerts are listed newest first, and acknowledged once', async () => {
  const alerts = createAlerts({ db: database.db, clock });
  await raise('heavy_use');
  await raise('budget_80');
  const { items } = await alerts.list({ open: true, limit: 10 });
  expect(items.map(({ kind }) => kind)).toEqual(['budget_80', 'heavy_use']);
  expect((await alerts.list({ open: false, kind: 'heavy_use', limit: 10 })).items).toHaveLength(1);
  const page = await alerts.list({ open: true, limit: 1 });
  expect((await alerts.list({ open: true, limit: 1, cursor: page.nextCursor ?? '' })).items).toEqual(items.slice(1));
  const [first] = items;
  const { userId } = await makeMember(database.db);
  const who = { ...admin, id: userId };
  await alerts.acknowledge(who, { alertId: first?.id ?? '', note: 'mine' });
  expect(await alerts.acknowledge(who, { alertId: first?.id ?? '', note: 'too late' })).toMatchObject({ note: 'mine' });
  expect((await alerts.list({ open: true, limit: 10 })).items).toHaveLength(1);
  await expect(alerts.acknowledge(who, { alertId: '0'.repeat(26) })).rejects.toMatchObject({ code: 'ALERT_NOT_FOUND' });
});
