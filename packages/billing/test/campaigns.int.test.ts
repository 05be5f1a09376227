import { fakeClock, makeMembers, type MadeMember } from '@yunshang/devstack';
import { testDatabase } from '@yunshang/devstack/testing';
import { inTransaction, newId, type Actor } from '@yunshang/db';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { getBalance, grantQuota, listHistory, lockUser, pushCampaign } from '../src/index.ts';
import { DAY_MS, expectHealthy, makeMember } from './members.ts';
import { freshKey, memberActor, promotersOf, tally, type Promoters } from './promoters.ts';

let database: Awaited<ReturnType<typeof testDatabase>>;
let on: Promoters;
const clock = fakeClock(new Date());

beforeAll(async () => {
  database = await testDatabase();
  on = await promotersOf(database.db, clock);
});
afterAll(async () => {
  await expectHealthy(database.db, clock.now());
  await database.close();
});

const inMinutes = (minutes: number): string => new Date(clock.now().getTime() + minutes * 60_000).toISOString();
const wish = (bent: object = {}) => ({
  title: '春季回馈',
  audience: { kind: 'members' as const },
  delivery: 'claim' as const,
  quota: 5,
  grantDays: 7,
  totalCap: 100,
  startsAt: inMinutes(0),
  endsAt: inMinutes(60),
  ...bent,
});
const newMaker = async (): Promise<Actor> => ({ ...on.finance, id: await makeMember(database.db, clock.now()) });
async function opened(bent: object = {}): Promise<string> {
  const input = { ...wish(bent), reason: '运营活动', idempotencyKey: freshKey() };
  const { campaign } = await on.campaigns.create(await newMaker(), input);
  return campaign?.id ?? '';
}
const claim = (userId: string, campaignId: string, idempotencyKey = freshKey()) =>
  on.campaigns.claim(memberActor(userId), { campaignId, idempotencyKey });
/** Members whose period runs by the clock of this file. */
const paidMembers = (count: number, plan: 'BASIC' | 'PRO' = 'BASIC'): Promise<MadeMember[]> =>
  makeMembers(database.db, count, {
    plan,
    quota: 1,
    startsAt: clock.now(),
    endsAt: new Date(clock.now().getTime() + 30 * DAY_MS),
  });
async function paid(plan: 'BASIC' | 'PRO' = 'BASIC'): Promise<MadeMember> {
  const [member] = await paidMembers(1, plan);
  if (member === undefined) throw new Error('no member was made');
  return member;
}
const available = async (userId: string): Promise<number> =>
  (await getBalance(database.db, userId, clock.now())).available;

describe('claiming a campaign', () => {
  it('gives its quota once, with its name', async () => {
    const { userId } = await paid();
    const campaignId = await opened();
    const key = freshKey();
    const gift = await claim(userId, campaignId, key);
    expect(gift).toMatchObject({ title: '春季回馈', quota: 5, available: 6 });
    expect(await claim(userId, campaignId, key)).toEqual(gift);
    await expect(claim(userId, campaignId)).rejects.toMatchObject({ code: 'CAMPAIGN_CLAIMED' });
    expect(await available(userId)).toBe(6);
    const { items } = await listHistory(database.db, userId, { limit: 1 });
    expect(items).toMatchObject([{ cause: 'campaign_claimed', title: { zh: '春季回馈' } }]);
  });

  it('is for whom it is for', async () => {
    const [basic, pro] = [await paid('BASIC'), await paid('PRO')];
    const stranger = await makeMember(database.db, clock.now());
    const forPro = await opened({ audience: { kind: 'level', minLevel: 2 } });
    const listed = { kind: 'accounts', accounts: [stranger, basic.accountId] };
    const forTwo = await opened({ audience: listed });
    const forAll = await opened();
    const answers = await Promise.all(
      [basic.userId, pro.userId, stranger].flatMap((userId) =>
        [forPro, forTwo, forAll].map(async (id) => (await tally([claim(userId, id)])).done),
      ),
    );
    expect(answers).toEqual([0, 1, 1, 1, 0, 1, 0, 1, 0]);
    await expect(claim(stranger, forAll)).rejects.toMatchObject({ code: 'CAMPAIGN_NOT_ALLOWED' });
  });

  it('is possible in its window only, and not once it is stopped', async () => {
    const { userId } = await paid();
    const later = await opened({ startsAt: inMinutes(1) });
    await expect(claim(userId, later)).rejects.toMatchObject({
      code: 'CAMPAIGN_NOT_OPEN',
      details: { reason: 'scheduled' },
    });
    const stopped = await opened();
    expect(await on.campaigns.stop(on.finance, { campaignId: stopped, reason: '预算调整' })).toMatchObject({
      state: 'stopped',
    });
    await expect(claim(userId, stopped)).rejects.toMatchObject({ details: { reason: 'stopped' } });
    await expect(on.campaigns.stop(on.finance, { campaignId: stopped, reason: '再停' })).rejects.toMatchObject({
      code: 'STATE_CONFLICT',
    });
    const over = await opened();
    clock.advance(60 * 60_000);
    await expect(claim(userId, over)).rejects.toMatchObject({ details: { reason: 'ended' } });
    await expect(claim(userId, newId())).rejects.toMatchObject({ code: 'CAMPAIGN_NOT_FOUND' });
    expect(await available(userId)).toBe(1);
  });

  it('by thirty members of a campaign for seven is for exactly seven', async () => {
    const people = await paidMembers(30);
    const campaignId = await opened({ totalCap: 7 });
    const result = await tally(people.map(({ userId }) => claim(userId, campaignId)));
    expect(result).toEqual({ done: 7, codes: { CAMPAIGN_FULL: 23 } });
    expect(await on.campaigns.get(campaignId)).toMatchObject({ claimed: 7, state: 'full' });
    const balances = await Promise.all(people.map(({ userId }) => available(userId)));
    expect(balances.reduce((sum, units) => sum + units, 0)).toBe(30 + 7 * 5);
  });

  it('twenty times at once gives one member one', async () => {
    const { userId } = await paid();
    const campaignId = await opened();
    const result = await tally(Array.from({ length: 20 }, () => claim(userId, campaignId)));
    expect(result).toEqual({ done: 1, codes: { CAMPAIGN_CLAIMED: 19 } });
    expect(await on.campaigns.get(campaignId)).toMatchObject({ claimed: 1 });
  });

  it('while it is stopped: whoever was first has it, and nobody after', async () => {
    const people = await paidMembers(10);
    const campaignId = await opened();
    const stopping = on.campaigns.stop(on.finance, { campaignId, reason: '停止' });
    const result = await tally(people.map(({ userId }) => claim(userId, campaignId)));
    await stopping;
    expect(result.done + (result.codes['CAMPAIGN_NOT_OPEN'] ?? 0)).toBe(10);
    expect(await on.campaigns.get(campaignId)).toMatchObject({ claimed: result.done, state: 'stopped' });
  });

  it('is offered to whom it is for, and says what has been claimed', async () => {
    const { userId } = await paid('PRO');
    const mine = await opened({ title: '给我的', audience: { kind: 'accounts', accounts: [userId] } });
    const claimed = await opened({ title: '领过的', endsAt: inMinutes(5) });
    await opened({ title: '别人的', audience: { kind: 'level', minLevel: 3 } });
    await opened({ title: '以后的', startsAt: inMinutes(1) });
    await opened({ title: '直接发的', delivery: 'push' });
    await claim(userId, claimed);
    const offers = (await on.campaigns.offers(userId)).filter(({ title }) => title.endsWith('的'));
    expect(offers).toMatchObject([
      { campaignId: claimed, isClaimed: true },
      { campaignId: mine, isClaimed: false },
    ]);
  });
});

/** In pages of 5, so that a few members are several. */
const push = (campaignId: string) => pushCampaign({ db: database.db, clock }, { campaignId }, 5);

describe('a campaign that is pushed', () => {
  it('reaches everybody of its audience once, also when the job runs three times at once and again', async () => {
    const { db } = database;
    const people = await paidMembers(17, 'PRO');
    const level1 = await paid('BASIC');
    const input = wish({ delivery: 'push', audience: { kind: 'level', minLevel: 2 }, totalCap: 1_000, quota: 1 });
    const { campaign } = await on.campaigns.create(await newMaker(), {
      ...input,
      reason: '全员',
      idempotencyKey: freshKey(),
    });
    const campaignId = campaign?.id ?? '';
    const job = db
      .selectFrom('outbox')
      .select(['job', 'payload'])
      .where('dedup_key', '=', `campaign.push:${campaignId}`);
    expect(await job.execute()).toMatchObject([{ job: 'campaign.push' }]);
    expect(await Promise.all([push(campaignId), push(campaignId), push(campaignId)])).toEqual(['done', 'done', 'done']);
    expect(await push(campaignId)).toBe('done');
    const balances = await Promise.all(people.map(({ userId }) => available(userId)));
    expect(new Set(balances)).toEqual(new Set([2]));
    expect(await available(level1.userId)).toBe(1);
    const done = await on.campaigns.get(campaignId);
    expect(done.pushedAt).not.toBeNull();
    const claims = db.selectFrom('campaign_claims').select('user_id').where('campaign_id', '=', campaignId);
    expect(await claims.execute()).toHaveLength(done.claimed);
  });

  it('waits for its window, and stops at its cap', async () => {
    const people = await paidMembers(5);
    const accounts = people.map(({ userId }) => userId);
    const audience = { kind: 'accounts', accounts };
    const campaignId = await opened({ delivery: 'push', audience, totalCap: 3, startsAt: inMinutes(1) });
    expect(await push(campaignId)).toEqual({ againAt: new Date(inMinutes(1)) });
    expect(await available(accounts[0] ?? '')).toBe(1);
    clock.advance(60_000);
    expect(await push(campaignId)).toBe('done');
    const balances = await Promise.all(accounts.map(available));
    expect(balances.filter((units) => units === 6)).toHaveLength(3);
    await expect(claim(accounts[4] ?? '', campaignId)).rejects.toMatchObject({ details: { reason: 'pushed' } });
  });

  it('leaves out an account that can hold no more, and goes on with the others', async () => {
    const people = await paidMembers(3);
    const [full, ...others] = people.map(({ userId }) => userId).toSorted();
    const grant = { source: 'signup', amount: 999_999, effectKey: `signup:${full}`, cause: 'signed_up' } as const;
    const expiresAt = new Date(clock.now().getTime() + DAY_MS);
    await inTransaction(database.db, async (tx) =>
      grantQuota(tx, await lockUser(tx, full ?? ''), { ...grant, expiresAt, now: clock.now() }),
    );
    const audience = { kind: 'accounts', accounts: [full, ...others] };
    const campaignId = await opened({ delivery: 'push', audience });
    expect(await push(campaignId)).toBe('done');
    expect(await Promise.all(others.map(available))).toEqual([6, 6]);
    expect(await on.campaigns.get(campaignId)).toMatchObject({ claimed: 2 });
  });

  it('that is stopped or gone is done', async () => {
    const { userId } = await paid();
    const audience = { kind: 'accounts', accounts: [userId] };
    const campaignId = await opened({ delivery: 'push', audience });
    await on.campaigns.stop(on.finance, { campaignId, reason: '停止' });
    expect(await push(campaignId)).toBe('done');
    expect(await push(newId())).toBe('done');
    expect(await available(userId)).toBe(1);
  });
});

const create = async (bent: object, maker = on.finance) =>
  on.campaigns.create(maker, { ...wish(bent), reason: '运营活动', idempotencyKey: freshKey() });

describe('making a campaign', () => {
  it.each([
    ['endsAt', { endsAt: new Date(0).toISOString() }],
    ['endsAt', { startsAt: inMinutes(-10), endsAt: inMinutes(-5) }],
    ['audience.accounts.1', { audience: { kind: 'accounts', accounts: ['', 'nobody'] } }],
  ])('is refused naming %s', async (field, bent) => {
    const first = await makeMember(database.db, clock.now());
    const input = JSON.parse(JSON.stringify(bent).replace('""', JSON.stringify(first)));
    await expect(create(input)).rejects.toMatchObject({ code: 'INPUT_INVALID', details: { issues: [{ field }] } });
  });

  it('above what one person may put out alone waits for a second, together with codes', async () => {
    const maker = await newMaker();
    const small = { quota: 5, totalCap: 100 };
    expect((await create(small, maker)).campaign).toMatchObject({ state: 'open', totalCap: 100 });
    const codes = { title: '码', quota: 5, grantDays: 1, codeCount: 100, usesPerCode: 1, perUserLimit: 1 };
    const batch = { ...codes, expiresAt: inMinutes(60), reason: '码', idempotencyKey: freshKey() };
    expect((await on.codes.createBatch(maker, batch)).approval).toBeNull();
    const { campaign, approval } = await create({ ...small, delivery: 'push' }, maker);
    expect(campaign).toBeNull();
    const campaignId = approval?.subjectId ?? '';
    const decision = { approvalId: approval?.id ?? '', decision: 'approve', reason: '同意' } as const;
    await on.approvals.decide(on.other, decision);
    expect(await on.campaigns.get(campaignId)).toMatchObject({ createdBy: maker.id, approvalId: approval?.id });
    const job = database.db.selectFrom('outbox').select('job').where('dedup_key', '=', `campaign.push:${campaignId}`);
    expect(await job.execute()).toHaveLength(1);
  });
});
