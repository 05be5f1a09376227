import type { RuleDoc } from '../../report/rule-doc.ts';

const GOOD_REFUND = `import { db } from './db';

export async function refundTask(id: string) {
  await db.transaction().execute(async (tx) => {
    const task = await tx.selectFrom('tasks').selectAll().where('id', '=', id).forUpdate().executeTakeFirstOrThrow();
    if (task.refunded || !task.eligible_for_refund) return;
    await tx.updateTable('tasks').set({ refunded: true }).where('id', '=', id).execute();
    await tx
      .updateTable('users')
      .set((eb) => ({ quota_remaining: eb('quota_remaining', '+', task.quota_cost) }))
      .where('id', '=', task.user_id)
      .execute();
    await tx.insertInto('quota_logs').values({ user_id: task.user_id, type: 'refund', amount: task.quota_cost }).execute();
  });
}`;

/** BG220–BG224: quota that is given back. */
export const refundDocs: readonly Omit<RuleDoc, 'area'>[] = [
  {
    id: 'BG220',
    severity: 'FAIL',
    title: { zh: '重复返还无法阻止', en: 'Nothing stops a second refund' },
    why: {
      zh: '不检查 refunded、检查时没有锁、检查后没有写回，或条件更新的结果没人看：两个请求各返还一次。',
      en: 'A refunded flag that is not looked at, looked at without a lock, or never written, or a conditional update whose outcome nobody reads: two requests each give the same quota back.',
    },
    incidents: ['billing-guard-flow.zh: FAIL 2', 'new-api PR#6074', 'new-api#4211', 'eliza PR#11539', 'bottube#1535'],
    mend: {
      zh: '在同一事务里锁定任务，检查并写入 refunded；或对扣费记录做条件更新（WHERE status = held）并检查影响行数；再加唯一键。',
      en: 'Lock the task, look at refunded and write it in one transaction; or move the charge by UPDATE … WHERE status = held and look at the rows; add a unique key.',
    },
    bad: {
      language: 'ts',
      text: `import { db } from './db';

export async function refundTask(id: string) {
  await db.transaction().execute(async (tx) => {
    const task = await tx.selectFrom('tasks').selectAll().where('id', '=', id).executeTakeFirstOrThrow();
    await tx
      .updateTable('users')
      .set((eb) => ({ quota_remaining: eb('quota_remaining', '+', task.quota_cost) }))
      .where('id', '=', task.user_id)
      .execute();
    await tx.insertInto('quota_logs').values({ user_id: task.user_id, type: 'refund', amount: task.quota_cost }).execute();
  });
}`,
    },
    good: { language: 'ts', text: GOOD_REFUND },
  },
  {
    id: 'BG221',
    severity: 'FAIL',
    title: { zh: '按当前价格返还', en: 'A refund at the price of today' },
    why: {
      zh: '改价后返还的不是当时扣的：涨价时凭空造出配额，降价时少还用户。',
      en: 'After a change of price it gives back something else than was taken: quota out of nothing, or less than the member paid.',
    },
    incidents: ['predecessor: a refund re-reads the price', 'new-api PR#6074'],
    mend: {
      zh: '返还任务或扣费记录上保存的数额。',
      en: 'Give back the amount that the task or the charge carries.',
    },
    bad: {
      language: 'ts',
      text: `import { db } from './db';

export async function refundTask(id: string) {
  await db.transaction().execute(async (tx) => {
    const task = await tx.selectFrom('tasks').selectAll().where('id', '=', id).forUpdate().executeTakeFirstOrThrow();
    if (task.refunded) return;
    const feature = await tx.selectFrom('features').select('quota_cost').where('id', '=', task.feature_id).executeTakeFirstOrThrow();
    await tx.updateTable('tasks').set({ refunded: true }).where('id', '=', id).execute();
    await tx
      .updateTable('users')
      .set((eb) => ({ quota_remaining: eb('quota_remaining', '+', feature.quota_cost) }))
      .where('id', '=', task.user_id)
      .execute();
  });
}`,
    },
    good: { language: 'ts', text: GOOD_REFUND },
  },
  {
    id: 'BG222',
    severity: 'FAIL',
    title: { zh: '基于主观评价返还配额', en: 'Quota is given back because of an opinion' },
    why: {
      zh: '差评不能换回配额：只有系统或供应商故障才返还，否则人人都会打差评。',
      en: 'A bad review gives nothing back: only a failure of the system or a vendor does, or everybody writes bad reviews.',
    },
    incidents: ['billing-guard-flow.zh: FAIL 4'],
    mend: {
      zh: '评价只入库，最多转人工；删除从评价到返还的调用。',
      en: 'Store the opinion and perhaps tell a person; remove the way from it to the refund.',
    },
    bad: {
      language: 'ts',
      text: `import { refundTask } from './refund';

export async function rate(taskId: string, rating: number): Promise<void> {
  if (rating <= 2) {
    await refundTask(taskId);
  }
}`,
    },
    good: {
      language: 'ts',
      text: `import { db } from './db';

export async function rate(taskId: string, rating: number): Promise<void> {
  await db.insertInto('ratings').values({ task_id: taskId, rating }).execute();
}`,
    },
  },
  {
    id: 'BG223',
    severity: 'FAIL',
    title: { zh: '返还没有等待，或失败被吞掉', en: 'A refund that is not awaited, or whose failure is swallowed' },
    why: {
      zh: '返还失败时无人知晓，用户的配额就此消失。',
      en: 'When it fails nobody knows, and the member’s quota is gone.',
    },
    incidents: ['new-api#4429', 'new-api#2050', 'predecessor: a deadlock swallowed, one unit lost'],
    mend: {
      zh: '用 await 等待，在与任务失败相同的事务里返还；出错就抛出，或写入可重试的记录。',
      en: 'Await it, in the transaction that fails the task; let errors out, or keep a row that is tried again.',
    },
    bad: {
      language: 'ts',
      text: `import { refundTask } from './refund';

export async function onFailed(taskId: string): Promise<void> {
  try {
    await refundTask(taskId);
  } catch (error) {
    console.error('refund failed', error);
  }
}`,
    },
    good: {
      language: 'ts',
      text: `import { refundTask } from './refund';

export async function onFailed(taskId: string): Promise<void> {
  await refundTask(taskId);
}`,
    },
  },
  {
    id: 'BG224',
    severity: 'FAIL',
    title: { zh: '任务失败却没有返还配额', en: 'Tasks fail and their quota is not given back' },
    why: {
      zh: '批量把任务改成失败或超时的清理脚本最容易忘记返还。',
      en: 'Jobs that clean up by failing many tasks at once are where refunds are forgotten.',
    },
    incidents: [
      'billing-guard-flow.zh: 发现不返还配额 → 拒绝合并',
      'new-api#4211',
      'lessons: bulk fail without refund',
    ],
    mend: {
      zh: '逐个任务在一个事务里：状态改为失败，同时按原额返还。',
      en: 'One task at a time, in one transaction: move it to failed and give back what it paid.',
    },
    bad: {
      language: 'ts',
      text: `import { db } from './db';

export async function createTask(userId: string, cost: number) {
  await db.transaction().execute(async (tx) => {
    const user = await tx.selectFrom('users').selectAll().where('id', '=', userId).forUpdate().executeTakeFirstOrThrow();
    if (user.quota_remaining < cost) throw new Error('quota');
    await tx.updateTable('users').set({ quota_remaining: user.quota_remaining - cost }).where('id', '=', userId).execute();
    await tx.insertInto('tasks').values({ user_id: userId, quota_cost: cost, status: 'pending' }).execute();
  });
}

export async function failStuck(before: Date) {
  await db.updateTable('tasks').set({ status: 'failed' }).where('status', '=', 'processing').where('started_at', '<', before).execute();
}`,
    },
    good: {
      language: 'ts',
      text: `import { db } from './db';

export async function failTask(id: string) {
  await db.transaction().execute(async (tx) => {
    const task = await tx.selectFrom('tasks').selectAll().where('id', '=', id).forUpdate().executeTakeFirstOrThrow();
    if (task.status !== 'processing' || task.refunded) return;
    await tx.updateTable('tasks').set({ status: 'failed', refunded: true }).where('id', '=', id).execute();
    await tx
      .updateTable('users')
      .set((eb) => ({ quota_remaining: eb('quota_remaining', '+', task.quota_cost) }))
      .where('id', '=', task.user_id)
      .execute();
    await tx.insertInto('quota_logs').values({ user_id: task.user_id, type: 'refund', amount: task.quota_cost }).execute();
  });
}`,
    },
  },
];
