import { inTransaction, newId, type Actor } from '@yunshang/db';
import { fakeClock } from '@yunshang/devstack';
import { testDatabase } from '@yunshang/devstack/testing';
import { AppError } from '@yunshang/contracts';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { z } from 'zod';
import { createApprovals, expireApprovals, requestApproval, type Approvals } from '../src/index.ts';
import { DAY_MS, makeMember } from './members.ts';

let database: Awaited<ReturnType<typeof testDatabase>>;
let approvals: Approvals;
let asker: Actor;
let others: [Actor, Actor];
const clock = fakeClock();
const payloadSchema = z.strictObject({ title: z.string(), isSold: z.boolean().optional() });

beforeAll(async () => {
  database = await testDatabase();
  const { db } = database;
  const person = async (role: 'finance' | 'admin'): Promise<Actor> => ({
    id: await makeMember(db, clock.now()),
    role,
    requestId: 'test',
  });
  asker = await person('finance');
  others = [await person('finance'), await person('admin')];
  approvals = createApprovals({
    db,
    clock,
    executors: {
      // Something whose second time would show: a plan's version that can be there once or often.
      promotion: async (tx, approval) => {
        const { title, isSold } = payloadSchema.parse(approval.payload);
        if (isSold) throw new AppError('STATE_CONFLICT', { reason: 'sold' });
        const plan = { level: 1, title, title_en: title, price_fen: 1, quota: 1, period_days: 1 } as const;
        const row = {
          ...plan,
          plan_id: 'DONE',
          version: (await doneOnes()).length + 1,
          status: 'archived',
        } as const;
        await tx
          .insertInto('plans')
          .values({ ...row, created_at: clock.now() })
          .execute();
      },
    },
  });
});
afterAll(() => database.close());

const doneOnes = () => database.db.selectFrom('plans').select('title').where('plan_id', '=', 'DONE').execute();
const timesDone = async (title: string): Promise<number> =>
  (await doneOnes()).filter((plan) => plan.title === title).length;

async function asked(payload: Record<string, unknown> = { title: newId() }): Promise<{ id: string; title: string }> {
  const wish = { kind: 'promotion', subjectType: 'campaign', subjectId: newId(), payload, reason: '双十一' } as const;
  const approval = await inTransaction(database.db, (tx) => requestApproval(tx, asker, { ...wish, now: clock.now() }));
  return { id: approval.id, title: String(payload['title']) };
}

const approve = (actor: Actor, approvalId: string) =>
  approvals.decide(actor, { approvalId, decision: 'approve', reason: '同意' });
const auditOf = async (id: string): Promise<string[]> => {
  const query = database.db.selectFrom('audit_logs').select('action').where('subject_id', '=', id).orderBy('id');
  return (await query.execute()).map((row) => row.action);
};

it('does what was asked for when another person approves, and says who and why', async () => {
  const { id, title } = await asked();
  expect(await approvals.get(id)).toMatchObject({ status: 'pending', requestedBy: asker.id, payload: { title } });
  expect(await timesDone(title)).toBe(0);
  expect(await approve(others[0], id)).toMatchObject({
    status: 'approved',
    decidedBy: others[0].id,
    decisionReason: '同意',
  });
  expect(await timesDone(title)).toBe(1);
  expect(await auditOf(id)).toEqual(['approval.requested', 'approval.approved']);
});

it('does it once when two people approve and one rejects at the same time', async () => {
  const wishes = await Promise.all(Array.from({ length: 6 }, () => asked()));
  for (const { id, title } of wishes) {
    const settled = await Promise.allSettled([
      approve(others[0], id),
      approve(others[1], id),
      approve(others[0], id),
      approvals.decide(others[1], { approvalId: id, decision: 'reject', reason: '不同意' }),
    ]);
    expect(settled.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    const refusals = settled.flatMap((lost) => (lost.status === 'rejected' ? [lost.reason] : []));
    expect(refusals).toMatchObject(
      Array.from({ length: 3 }, () => ({ code: 'STATE_CONFLICT', details: { reason: 'approval_ended' } })),
    );
    const { status } = await approvals.get(id);
    expect(await timesDone(title)).toBe(status === 'approved' ? 1 : 0);
    expect(await auditOf(id)).toEqual(['approval.requested', `approval.${status}`]);
  }
});

it('is refused to whoever asked, by the program and by the database', async () => {
  const { id, title } = await asked();
  await expect(approve(asker, id)).rejects.toMatchObject({ code: 'APPROVAL_OWN' });
  const byHand = { status: 'approved', decided_by: asker.id, decided_at: clock.now() } as const;
  await expect(database.db.updateTable('approvals').set(byHand).where('id', '=', id).execute()).rejects.toThrow(
    /ck_approvals_four_eyes/,
  );
  expect(await timesDone(title)).toBe(0);
});

it('does nothing when it is rejected, and is then over', async () => {
  const { id, title } = await asked();
  const rejected = await approvals.decide(others[0], { approvalId: id, decision: 'reject', reason: '金额过大' });
  expect(rejected).toMatchObject({ status: 'rejected', decisionReason: '金额过大' });
  await expect(approve(others[1], id)).rejects.toMatchObject({ code: 'STATE_CONFLICT' });
  expect(await timesDone(title)).toBe(0);
});

it('is not decided when it can not be done, and can be tried again', async () => {
  const sold = await asked({ title: newId(), isSold: true });
  await expect(approve(others[0], sold.id)).rejects.toMatchObject({
    code: 'STATE_CONFLICT',
    details: { reason: 'sold' },
  });
  const bent = await asked({ nothing: 'of use' });
  await expect(approve(others[0], bent.id)).rejects.toThrow(z.ZodError);
  for (const { id } of [sold, bent])
    expect(await approvals.get(id)).toMatchObject({ status: 'pending', decidedBy: null });
});

it('can be taken back by whoever asked, and by nobody else', async () => {
  const { id } = await asked();
  await expect(approvals.withdraw(others[0], id)).rejects.toMatchObject({ code: 'FORBIDDEN' });
  expect(await approvals.withdraw(asker, id)).toMatchObject({ status: 'withdrawn', decidedBy: null });
  await expect(approvals.withdraw(asker, id)).rejects.toMatchObject({ code: 'STATE_CONFLICT' });
  await expect(approve(others[0], id)).rejects.toMatchObject({ code: 'STATE_CONFLICT' });
});

it('ends when nobody decides within 7 days: it can not be approved any more, and the sweep says so once', async () => {
  const { id, title } = await asked();
  clock.advance(7 * DAY_MS);
  await expect(approve(others[0], id)).rejects.toMatchObject({ code: 'STATE_CONFLICT' });
  const swept = await Promise.all([1, 2, 3].map(() => expireApprovals({ db: database.db, clock })));
  expect(swept.reduce((sum, count) => sum + count, 0)).toBeGreaterThan(0);
  expect(await approvals.get(id)).toMatchObject({ status: 'expired' });
  expect(await auditOf(id)).toEqual(['approval.requested', 'approval.expired']);
  expect(await timesDone(title)).toBe(0);
  expect(await expireApprovals({ db: database.db, clock })).toBe(0);
});

it('is listed by state and kind, newest first, in pages', async () => {
  const { db } = database;
  await db
    .updateTable('approvals')
    .set({ status: 'withdrawn', decided_at: clock.now() })
    .where('status', '=', 'pending')
    .execute();
  const ids = [];
  for (let count = 0; count < 3; count += 1) ids.unshift((await asked()).id);
  const first = await approvals.list({ status: 'pending', kind: 'promotion', limit: 2 });
  expect(first.items.map(({ id }) => id)).toEqual(ids.slice(0, 2));
  const rest = await approvals.list({ status: 'pending', limit: 2, cursor: first.nextCursor ?? '' });
  expect(rest).toMatchObject({ items: [{ id: ids[2] }], nextCursor: null });
  expect((await approvals.list({ kind: 'free_feature', limit: 5 })).items).toEqual([]);
});

it('needs people: what runs by itself neither asks nor decides', async () => {
  const system: Actor = { id: null, role: 'system', requestId: 'job' };
  const { id } = await asked();
  await expect(approve(system, id)).rejects.toThrow('takes a person');
  await expect(approve(others[0], newId())).rejects.toMatchObject({ code: 'APPROVAL_NOT_FOUND' });
});
