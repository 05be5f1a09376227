import type { RuleDoc } from '../../report/rule-doc.ts';

const GOOD_CREATE = `import { db } from './db';

export async function createTask(userId: string, cost: number) {
  await db.transaction().execute(async (tx) => {
    const user = await tx.selectFrom('users').selectAll().where('id', '=', userId).forUpdate().executeTakeFirstOrThrow();
    if (user.membership_expires_at < new Date()) throw new Error('MEMBERSHIP_REQUIRED');
    if (user.quota_remaining < cost) throw new Error('QUOTA_INSUFFICIENT');
    await tx.updateTable('users').set({ quota_remaining: user.quota_remaining - cost }).where('id', '=', userId).execute();
    const task = { user_id: userId, quota_cost: cost, status: 'pending', eligible_for_refund: true, refunded: false };
    await tx.insertInto('tasks').values(task).execute();
  });
}`;

/** BG230–BG233: statuses, and how tasks come into being. */
export const taskDocs: readonly Omit<RuleDoc, 'area'>[] = [
  {
    id: 'BG230',
    severity: 'FAIL',
    title: { zh: '状态被无条件改写', en: 'A status is written whatever it was' },
    why: {
      zh: '重复通知、取消与完成同时到来时，后写的覆盖先写的：已退款的订单变回已支付，已失败的任务又变成功。条件更新的结果没人看，等于没有条件。',
      en: 'A second notification, or a cancellation beside the result: whoever writes last wins, a refunded order is paid again, a failed task succeeds. A condition whose outcome nobody reads is none.',
    },
    incidents: ['new-api PR#6074', 'eliza PR#11539', 'predecessor: five duplicate notifications all processed'],
    mend: {
      zh: 'UPDATE … WHERE id = ? AND status IN (允许的原状态)，影响行数为零就停下；或锁定该行后检查状态。',
      en: 'UPDATE … WHERE id = ? AND status IN (where it may come from), and stop when no row changed; or lock the row and look at its status.',
    },
    bad: {
      language: 'ts',
      text: `import { db } from './db';

export async function closeOrder(id: string) {
  await db.updateTable('orders').set({ status: 'closed' }).where('id', '=', id).execute();
}`,
    },
    good: {
      language: 'ts',
      text: `import { db } from './db';

export async function closeOrder(id: string): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable('orders')
    .set({ status: 'closed' })
    .where('id', '=', id)
    .where('status', '=', 'pending')
    .executeTakeFirst();
  return numUpdatedRows === 1n;
}`,
    },
  },
  {
    id: 'BG231',
    severity: 'FAIL',
    title: { zh: '任务没有设置 eligible_for_refund', en: 'A task without eligible_for_refund' },
    why: {
      zh: '失败时按 eligible_for_refund 决定是否返还：没有设置的任务永远不会返还。',
      en: 'Whether a failed task is refunded hangs on it: a task made without it never is.',
    },
    incidents: ['billing-guard-flow.zh: 任务创建是否设置eligible_for_refund=true'],
    mend: { zh: '插入任务时写 eligible_for_refund: true。', en: 'Insert the task with eligible_for_refund: true.' },
    bad: {
      language: 'ts',
      text: GOOD_CREATE.replace('eligible_for_refund: true, ', 'eligible_for_refund: false, '),
    },
    good: { language: 'ts', text: GOOD_CREATE },
  },
  {
    id: 'BG232',
    severity: 'FAIL',
    title: { zh: '创建任务前没有扣配额', en: 'A task is made without taking quota first' },
    why: {
      zh: '任何一条不扣配额的路径都是“免费无限用”。先建任务后扣，扣不成时任务已经可以被执行。',
      en: 'Every way that takes nothing is free use without end. A task that is there before its quota is taken may be worked on when the deduction fails.',
    },
    incidents: ['billing-guard-flow.zh: 任务创建流程是否先扣配额再创建任务', 'octopusreview#506'],
    mend: {
      zh: '在同一事务里先扣配额，再插入任务；不要有跳过扣减的分支。',
      en: 'Take quota, then insert the task, in one transaction, with no branch around the deduction.',
    },
    bad: {
      language: 'ts',
      text: `import { db } from './db';

export async function createTask(userId: string, cost: number) {
  await db.transaction().execute(async (tx) => {
    const user = await tx.selectFrom('users').selectAll().where('id', '=', userId).forUpdate().executeTakeFirstOrThrow();
    if (user.membership_expires_at < new Date()) throw new Error('MEMBERSHIP_REQUIRED');
    const task = { user_id: userId, quota_cost: cost, status: 'pending', eligible_for_refund: true };
    await tx.insertInto('tasks').values(task).execute();
    if (user.quota_remaining < cost) throw new Error('QUOTA_INSUFFICIENT');
    await tx.updateTable('users').set({ quota_remaining: user.quota_remaining - cost }).where('id', '=', userId).execute();
  });
}`,
    },
    good: { language: 'ts', text: GOOD_CREATE },
  },
  {
    id: 'BG233',
    severity: 'FAIL',
    title: { zh: '创建任务前没有校验会员', en: 'A task is made without a look at membership' },
    why: {
      zh: '非会员不能创建任务；会员是否到期必须在锁内判断，不能信任缓存的标志。',
      en: 'Only members create tasks, and whether a membership is in force is decided under the lock, not by a cached flag.',
    },
    incidents: ['billing-guard-flow.zh: FAIL 3', 'predecessor: expired members create tasks'],
    mend: {
      zh: '在创建任务的路径上检查会员有效期与等级，不满足就抛错。',
      en: 'Look at the membership’s end and level on the way to the task, and end it there when they do not do.',
    },
    bad: {
      language: 'ts',
      text: GOOD_CREATE.replace("throw new Error('MEMBERSHIP_REQUIRED')", "console.warn('not a member')"),
    },
    good: { language: 'ts', text: GOOD_CREATE },
  },
];
