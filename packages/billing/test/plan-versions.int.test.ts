import { isAppError, type PlanBody } from '@yunshang/contracts';
import { fromJson, type Actor } from '@yunshang/db';
import { fakeClock } from '@yunshang/devstack';
import { testDatabase } from '@yunshang/devstack/testing';
import { createConfigurationGuard } from '@yunshang/guard';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createPlanVersions, type PlanVersions } from '../src/index.ts';
import { makeMember } from './members.ts';
import { tally } from './promoters.ts';

let database: Awaited<ReturnType<typeof testDatabase>>;
let plans: PlanVersions;
let finance: Actor;
const clock = fakeClock();

beforeAll(async () => {
  database = await testDatabase();
  const { db } = database;
  plans = createPlanVersions({ db, clock, review: createConfigurationGuard({ db, clock }).review });
  finance = { id: await makeMember(db, clock.now()), role: 'finance', requestId: 'test' };
});
afterAll(() => database.close());

/** PRO as it is sold, but for `bent`, as a draft; its version. */
async function drafted(bent: Partial<PlanBody>, acknowledge?: string[]): Promise<number> {
  const { level, title, titleEn, priceFen, quota, periodDays, periodMonths } = await sold();
  const as = { planId: 'PRO', level, title, titleEn, priceFen, quota, periodDays, periodMonths };
  return (await plans.saveDraft(finance, { ...as, ...bent }, acknowledge)).version;
}

async function sold() {
  const versions = await plans.list('PRO');
  const [version, ...others] = versions.filter(({ status }) => status === 'published');
  if (version === undefined || others.length > 0) throw new Error('one version is on sale');
  return version;
}

const publish = (version: number, acknowledge?: string[]) =>
  plans.publish(finance, { planId: 'PRO', version, reason: '调价', acknowledge });

/** The code and the rules with which it was refused. */
const refusal = (work: Promise<unknown>): Promise<string[]> =>
  work.then(
    () => [],
    (error: unknown) => {
      if (!isAppError(error)) throw error;
      const rules = (error.details.issues ?? []).map(({ rule }) => rule);
      return [error.code, ...new Set(rules)];
    },
  );

async function auditOf(version: number, action = 'plan.published'): Promise<unknown> {
  const rows = database.db.selectFrom('audit_logs').select('details').where('action', '=', action);
  const row = await rows.where('subject_id', '=', `PRO:${version}`).executeTakeFirst();
  return row === undefined ? undefined : fromJson(row.details);
}

it('sells a plan by months in place of one by days, of many who publish it once', async () => {
  const before = await sold();
  const version = await drafted({ periodDays: null, periodMonths: 1 });
  const outcome = await tally(Array.from({ length: 4 }, () => publish(version)));
  expect(outcome).toEqual({ done: 1, codes: { STATE_CONFLICT: 3 } });
  expect(await sold()).toMatchObject({ version, periodDays: null, periodMonths: 1 });
  expect(await auditOf(version)).toMatchObject({ reason: '调价', archivedVersion: before.version });
  expect(await auditOf(version)).not.toHaveProperty('acknowledged');
});

it('neither keeps nor sells a plan with which a feature would cost more than it brings in', async () => {
  const before = await plans.list('PRO');
  const [code, ...rules] = await refusal(drafted({ priceFen: 1, quota: 1_000_000 }, ['BG104', 'BG115']));
  expect([code, rules.includes('BG115')]).toEqual(['GUARD_REFUSED', true]);
  expect(await plans.list('PRO')).toEqual(before);

  const version = await drafted({});
  // A draft that was kept before anybody judged drafts.
  const drafts = database.db.updateTable('plans').where('plan_id', '=', 'PRO').where('version', '=', version);
  await drafts.set({ price_fen: 1, quota: 1_000_000 }).execute();
  const [late] = await refusal(publish(version, ['BG104', 'BG115']));
  expect(late).toBe('GUARD_REFUSED');
  expect(await auditOf(version)).toBeUndefined();
  await plans.archive(finance, { planId: 'PRO', version, reason: '不卖' });
});

it('keeps and sells what the guard warns of once somebody says that it was read, and keeps who', async () => {
  const before = await sold();
  const cheap = { priceFen: 9_800, quota: 20 };
  const [code, ...rules] = await refusal(drafted(cheap));
  expect([code, rules.includes('BG104')]).toEqual(['GUARD_UNACKNOWLEDGED', true]);
  const version = await drafted(cheap, rules);
  expect(await auditOf(version, 'plan.draft_saved')).toMatchObject({ ...cheap, acknowledged: rules });
  // It is judged again: who sells it may be somebody else.
  expect(await refusal(publish(version))).toEqual([code, ...rules]);
  expect(await sold()).toEqual(before);
  await publish(version, rules);
  expect(await sold()).toMatchObject({ version, priceFen: 9_800 });
  expect(await auditOf(version)).toMatchObject({ acknowledged: rules });
});
