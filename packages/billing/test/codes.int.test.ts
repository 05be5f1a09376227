import { fakeClock } from '@yunshang/devstack';
import { testDatabase } from '@yunshang/devstack/testing';
import { newId } from '@yunshang/db';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createCodes, getBalance, listHistory } from '../src/index.ts';
import { DAY_MS, expectHealthy, makeMember } from './members.ts';
import { freshKey, memberActor, promotersOf, tally, type Promoters } from './promoters.ts';

let database: Awaited<ReturnType<typeof testDatabase>>;
let on: Promoters;
const clock = fakeClock();

beforeAll(async () => {
  database = await testDatabase();
  on = await promotersOf(database.db, clock);
});
afterAll(async () => {
  await expectHealthy(database.db, clock.now());
  await database.close();
});

const inDays = (days: number): string => new Date(clock.now().getTime() + days * DAY_MS).toISOString();
const body = (bent: object = {}) => ({
  title: '双十一礼包',
  quota: 5,
  grantDays: 30,
  codeCount: 1,
  usesPerCode: 1,
  perUserLimit: 1,
  expiresAt: inDays(10),
  ...bent,
});
const create = async (bent: object = {}) =>
  on.codes.createBatch(on.finance, { ...body(bent), reason: '促销', idempotencyKey: freshKey() });

/** A batch with its codes, by a maker who has put out nothing yet. */
async function issued(bent: object = {}): Promise<{ batchId: string; codes: string[] }> {
  const maker = { ...on.finance, id: await makeMember(database.db, clock.now()) };
  const { batch } = await on.codes.createBatch(maker, { ...body(bent), reason: '促销', idempotencyKey: freshKey() });
  const batchId = batch?.id ?? '';
  return { batchId, codes: (await on.codes.issue(maker, { batchId, replace: false })).codes };
}
const redeem = (userId: string, code: string, idempotencyKey = freshKey()) =>
  on.codes.redeem(memberActor(userId), { code, idempotencyKey });
const members = (count: number) =>
  Promise.all(Array.from({ length: count }, () => makeMember(database.db, clock.now())));
const available = async (userId: string): Promise<number> =>
  (await getBalance(database.db, userId, clock.now())).available;

describe('a code', () => {
  it('becomes quota that says where it came from and ends in its time', async () => {
    const [userId = ''] = await members(1);
    const { batchId, codes } = await issued();
    const gift = await redeem(userId, ` ${(codes[0] ?? '').toLowerCase()} `);
    expect(gift).toEqual({ title: '双十一礼包', quota: 5, expiresAt: inDays(30), available: 5 });
    const { grants } = await getBalance(database.db, userId, clock.now());
    expect(grants).toMatchObject([{ source: 'promotion', title: { zh: '双十一礼包' }, remaining: 5 }]);
    const { items } = await listHistory(database.db, userId, { limit: 5 });
    expect(items).toMatchObject([
      {
        kind: 'grant',
        amount: 5,
        cause: 'code_redeemed',
        causeText: { zh: '兑换码兑换' },
        title: { zh: '双十一礼包' },
      },
    ]);
    expect(await on.codes.getBatch(batchId)).toMatchObject({ status: 'issued', uses: 1 });
  });

  it('is shown once, and kept nowhere: only a keyed hash of it', async () => {
    const { batchId, codes } = await issued({ codeCount: 3 });
    expect(new Set(codes).size).toBe(3);
    await expect(on.codes.issue(on.finance, { batchId, replace: false })).rejects.toMatchObject({
      code: 'STATE_CONFLICT',
      details: { reason: 'issued' },
    });
    const plain = codes.flatMap((code) => [code, code.replaceAll('-', '')]);
    for (const table of ['redemption_codes', 'code_batches', 'audit_logs', 'idempotency_keys'] as const) {
      const text = JSON.stringify(await database.db.selectFrom(table).selectAll().execute());
      expect(plain.filter((code) => text.includes(code))).toEqual([]);
    }
    const [userId = ''] = await members(1);
    const elsewhere = createCodes({ db: database.db, clock, keys: [Buffer.alloc(32, 9)], limits: { aloneQuota: 1 } });
    const there = elsewhere.redeem(memberActor(userId), { code: codes[0] ?? '', idempotencyKey: freshKey() });
    await expect(there).rejects.toMatchObject({ code: 'CODE_NOT_VALID' });
  });

  it('is found by an old key after the keys have been turned', async () => {
    const { codes } = await issued();
    const keys = [Buffer.alloc(32, 7), Buffer.alloc(32, 1)] as const;
    const turned = createCodes({ db: database.db, clock, keys, limits: { aloneQuota: 1 } });
    const [userId = ''] = await members(1);
    const input = { code: codes[0] ?? '', idempotencyKey: freshKey() };
    expect(await turned.redeem(memberActor(userId), input)).toMatchObject({ quota: 5 });
  });

  it('gives the first answer again to the same key, and nothing twice', async () => {
    const [userId = ''] = await members(1);
    const { codes } = await issued({ codeCount: 2, perUserLimit: 2 });
    const key = freshKey();
    const first = await redeem(userId, codes[0] ?? '', key);
    expect(await redeem(userId, codes[0] ?? '', key)).toEqual(first);
    await expect(redeem(userId, codes[1] ?? '', key)).rejects.toMatchObject({ code: 'IDEMPOTENCY_KEY_REUSED' });
    await expect(redeem(userId, codes[0] ?? '')).rejects.toMatchObject({ code: 'CODE_REDEEMED' });
    expect(await available(userId)).toBe(5);
  });

  it.each(['', 'ABCD', 'ABCD-EFGH-JKLM-NPQR', "' OR 1=1 --", '🎁'.repeat(20)])(
    'that is %j is refused as any other that is not ours',
    async (code) => {
      const [userId = ''] = await members(1);
      await expect(redeem(userId, code)).rejects.toMatchObject({ code: 'CODE_NOT_VALID', details: {} });
    },
  );

  it('one sign away from a real one is as unknown as any', async () => {
    const [userId = ''] = await members(1);
    const { codes } = await issued();
    const [code = ''] = codes;
    const near = `${code.slice(0, -1)}${code.endsWith('A') ? 'B' : 'A'}`;
    await expect(redeem(userId, near)).rejects.toMatchObject({ code: 'CODE_NOT_VALID', details: {} });
  });

  it('of a batch that is over or disabled gives nothing', async () => {
    const [userId = ''] = await members(1);
    const soon = await issued({ expiresAt: new Date(clock.now().getTime() + 1000).toISOString() });
    const ended = await issued();
    const reason = '投放有误';
    expect(await on.codes.disableBatch(on.finance, { batchId: ended.batchId, reason })).toMatchObject({
      status: 'disabled',
    });
    clock.advance(1000);
    await expect(redeem(userId, soon.codes[0] ?? '')).rejects.toMatchObject({ code: 'CODE_EXPIRED' });
    await expect(redeem(userId, ended.codes[0] ?? '')).rejects.toMatchObject({ code: 'CODE_NOT_VALID' });
    await expect(on.codes.disableBatch(on.finance, { batchId: ended.batchId, reason })).rejects.toMatchObject({
      code: 'STATE_CONFLICT',
    });
    expect(await available(userId)).toBe(0);
  });
});

describe('redeemed by many at the same time', () => {
  it('a code of ten uses is used exactly ten times by fifty members', async () => {
    const people = await members(50);
    const { batchId, codes } = await issued({ usesPerCode: 10 });
    const result = await tally(people.map((userId) => redeem(userId, codes[0] ?? '')));
    expect(result).toEqual({ done: 10, codes: { CODE_USED_UP: 40 } });
    const balances = await Promise.all(people.map(available));
    expect(balances.filter((units) => units === 5)).toHaveLength(10);
    expect(balances.filter((units) => units === 0)).toHaveLength(40);
    expect(await on.codes.getBatch(batchId)).toMatchObject({ uses: 10 });
  });

  it('twenty codes of a batch with a limit of one give one member one', async () => {
    const [userId = ''] = await members(1);
    const { codes } = await issued({ codeCount: 20 });
    const result = await tally(codes.map((code) => redeem(userId, code)));
    expect(result).toEqual({ done: 1, codes: { CODE_LIMIT_REACHED: 19 } });
    expect(await available(userId)).toBe(5);
  });

  it('one code gives one member one, twenty times over', async () => {
    const [userId = ''] = await members(1);
    const { codes } = await issued({ usesPerCode: 20, perUserLimit: 20 });
    const result = await tally(Array.from({ length: 20 }, () => redeem(userId, codes[0] ?? '')));
    expect(result).toEqual({ done: 1, codes: { CODE_REDEEMED: 19 } });
    expect(await available(userId)).toBe(5);
  });

  it('one request sent twenty times answers the same twenty times', async () => {
    const [userId = ''] = await members(1);
    const { codes } = await issued();
    const key = freshKey();
    const answers = await Promise.all(Array.from({ length: 20 }, () => redeem(userId, codes[0] ?? '', key)));
    expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
    expect(await available(userId)).toBe(5);
  });

  it('while the batch is disabled: whoever was first has it, and nobody after', async () => {
    const people = await members(12);
    const { batchId, codes } = await issued({ codeCount: 12 });
    const disabling = on.codes.disableBatch(on.finance, { batchId, reason: '停止' });
    const result = await tally(people.map((userId, index) => redeem(userId, codes[index] ?? '')));
    await disabling;
    expect(result.done + (result.codes['CODE_NOT_VALID'] ?? 0)).toBe(12);
    expect(await on.codes.getBatch(batchId)).toMatchObject({ status: 'disabled', uses: result.done });
    const [late = ''] = await members(1);
    await expect(redeem(late, codes[0] ?? '')).rejects.toMatchObject({ code: 'CODE_NOT_VALID' });
  });

  it('while the codes are replaced: either the old one was redeemed or there are new ones', async () => {
    for (let round = 0; round < 5; round += 1) {
      const [userId = ''] = await members(1);
      const { batchId, codes } = await issued();
      const [redeemed, replaced] = await Promise.allSettled([
        redeem(userId, codes[0] ?? ''),
        on.codes.issue(on.finance, { batchId, replace: true }),
      ]);
      expect([redeemed.status, replaced.status].toSorted()).toEqual(['fulfilled', 'rejected']);
      expect(await available(userId)).toBe(redeemed.status === 'fulfilled' ? 5 : 0);
    }
  });
});

describe('a batch', () => {
  it('that was lost before anybody redeemed of it gets new codes; the old ones are worthless', async () => {
    const [userId = '', other = ''] = await members(2);
    const { batchId, codes } = await issued({ codeCount: 2 });
    const replaced = await on.codes.issue(on.finance, { batchId, replace: true });
    await expect(redeem(userId, codes[0] ?? '')).rejects.toMatchObject({ code: 'CODE_NOT_VALID' });
    await redeem(userId, replaced.codes[0] ?? '');
    await expect(on.codes.issue(on.finance, { batchId, replace: true })).rejects.toMatchObject({
      code: 'STATE_CONFLICT',
      details: { reason: 'redeemed' },
    });
    await redeem(other, replaced.codes[1] ?? '');
  });

  it('comes as a file for a spreadsheet, whatever its title', async () => {
    const { batch } = await create({ title: '=HYPERLINK("http://x")', codeCount: 2 });
    const { file, codes } = await on.codes.issue(on.finance, { batchId: batch?.id ?? '', replace: false });
    expect(file).toMatchObject({ fileName: `codes-${batch?.id}.csv`, contentType: 'text/csv; charset=utf-8' });
    expect(file.text.startsWith('\uFEFF兑换码,')).toBe(true);
    expect(file.text.split('\r\n').slice(1, 3)).toEqual(
      codes.map((code) => `${code},"'=HYPERLINK(""http://x"")",5,30,${batch?.expiresAt}`),
    );
  });

  it('of ten thousand codes is issued in one go', async () => {
    const maker = { ...on.finance, id: await makeMember(database.db, clock.now()) };
    const input = { ...body({ codeCount: 10_000, quota: 1 }), reason: '大促', idempotencyKey: freshKey() };
    const { approval } = await on.codes.createBatch(maker, input);
    await on.approvals.decide(on.other, { approvalId: approval?.id ?? '', decision: 'approve', reason: '同意' });
    const { codes } = await on.codes.issue(maker, { batchId: approval?.subjectId ?? '', replace: false });
    expect(new Set(codes).size).toBe(10_000);
  });

  it('above what one person may put out alone waits for a second, and is exactly what was asked for', async () => {
    const { batch, approval } = await create({ codeCount: 100, usesPerCode: 3, quota: 5 });
    expect(batch).toBeNull();
    expect(approval).toMatchObject({ kind: 'code_batch', status: 'pending', payload: { codeCount: 100 } });
    const batchId = approval?.subjectId ?? '';
    await expect(on.codes.getBatch(batchId)).rejects.toMatchObject({ code: 'CODE_BATCH_NOT_FOUND' });
    const decision = { approvalId: approval?.id ?? '', decision: 'approve', reason: '同意' } as const;
    await expect(on.approvals.decide(on.finance, decision)).rejects.toMatchObject({ code: 'APPROVAL_OWN' });
    const decided = await Promise.allSettled([1, 2].map(() => on.approvals.decide(on.other, decision)));
    expect(decided.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(await on.codes.getBatch(batchId)).toMatchObject({
      status: 'ready',
      codeCount: 100,
      createdBy: on.finance.id,
      approvalId: approval?.id,
    });
  });

  it('can not be cut into pieces to stay below the limit, also not at the same time', async () => {
    const maker = { ...on.finance, id: await makeMember(database.db, clock.now()) };
    const made = await Promise.all(
      Array.from({ length: 6 }, () =>
        on.codes.createBatch(maker, {
          ...body({ codeCount: 60, quota: 5 }),
          reason: '拆分',
          idempotencyKey: freshKey(),
        }),
      ),
    );
    expect(made.filter(({ batch }) => batch !== null)).toHaveLength(3);
    expect(made.filter(({ approval }) => approval !== null)).toHaveLength(3);
    clock.advance(DAY_MS);
    const next = { ...body({ codeCount: 60, quota: 5 }), reason: '次日', idempotencyKey: freshKey() };
    expect((await on.codes.createBatch(maker, next)).approval).toBeNull();
  });

  it('is made once for a key', async () => {
    const maker = { ...on.finance, id: await makeMember(database.db, clock.now()) };
    const input = { ...body(), reason: '一次', idempotencyKey: freshKey() };
    const [one, two] = await Promise.all([on.codes.createBatch(maker, input), on.codes.createBatch(maker, input)]);
    expect(one).toEqual(two);
    const other = { ...input, quota: 6 };
    await expect(on.codes.createBatch(maker, other)).rejects.toMatchObject({ code: 'IDEMPOTENCY_KEY_REUSED' });
  });

  it('whose time is over can be neither made, approved nor issued', async () => {
    await expect(create({ expiresAt: clock.now().toISOString() })).rejects.toMatchObject({
      code: 'INPUT_INVALID',
      details: { issues: [{ field: 'expiresAt' }] },
    });
    const { batch } = await create({ expiresAt: inDays(1) });
    const { approval } = await create({ codeCount: 10_000, expiresAt: inDays(1) });
    clock.advance(DAY_MS);
    const decision = { approvalId: approval?.id ?? '', decision: 'approve', reason: '同意' } as const;
    await expect(on.approvals.decide(on.other, decision)).rejects.toMatchObject({
      code: 'STATE_CONFLICT',
      details: { reason: 'window_over' },
    });
    await expect(on.codes.issue(on.finance, { batchId: batch?.id ?? '', replace: false })).rejects.toMatchObject({
      code: 'STATE_CONFLICT',
    });
    await expect(on.codes.issue(on.finance, { batchId: newId(), replace: false })).rejects.toMatchObject({
      code: 'CODE_BATCH_NOT_FOUND',
    });
  });
});
