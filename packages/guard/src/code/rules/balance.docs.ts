import type { RuleDoc } from '../../report/rule-doc.ts';

/** BG201–BG208: how a balance is written and kept. */
export const balanceDocs: readonly Omit<RuleDoc, 'area'>[] = [
  {
    id: 'BG201',
    severity: 'FAIL',
    title: { zh: '余额在事务之外被修改', en: 'A balance is written outside a transaction' },
    why: {
      zh: '余额与流水、任务不在同一事务里，任何一步失败都会留下对不上的账；并发请求会互相覆盖。事务开着、语句却没走事务句柄，同样在事务之外；在连接池上执行 BEGIN 也等于没有事务。',
      en: 'Balance, ledger row and task do not stand or fall together, and requests at the same time overwrite each other. A statement that does not go through the handle of the transaction around it is outside all the same, and BEGIN on a pool begins nothing.',
    },
    incidents: ['billing-guard-flow.zh: FAIL 1', 'laravel-credits PR#20', 'octopusreview#506'],
    mend: {
      zh: '把读取、检查、扣减、流水放进同一个事务回调，全部使用回调给出的句柄，并用 FOR UPDATE 锁定账户行。',
      en: 'Read, check, write and record within one transaction, everything through its handle, with the account row locked FOR UPDATE.',
    },
    bad: {
      language: 'js',
      text: `const db = require('./db');

async function deduct(userId) {
  const user = await db('users').where({ id: userId }).first();
  if (user.quota_remaining < 1) throw new Error('quota');
  await db('users').where({ id: userId }).decrement('quota_remaining', 1);
}

module.exports = { deduct };`,
    },
    good: {
      language: 'js',
      text: `const db = require('./db');

async function deduct(userId) {
  await db.transaction(async (trx) => {
    const user = await trx('users').where({ id: userId }).forUpdate().first();
    if (user.quota_remaining < 1) throw new Error('quota');
    await trx('users').where({ id: userId }).decrement('quota_remaining', 1);
    await trx('quota_logs').insert({ user_id: userId, type: 'consume', amount: 1 });
  });
}

module.exports = { deduct };`,
    },
  },
  {
    id: 'BG202',
    severity: 'FAIL',
    title: { zh: '修改余额前没有锁定该行', en: 'A balance is written without a lock on its row' },
    why: {
      zh: '两个请求读到同一余额，各自扣减后写回，一次扣减丢失；余额可以变成负数。锁必须在每条路径上、在同一个事务里、在读取之前取得。',
      en: 'Two requests read the same balance, each writes back its own result, and one deduction is lost or the balance goes below zero. The lock must be held on every way to the write, in the same transaction, from before the read.',
    },
    incidents: ['billing-guard-flow.zh: FAIL 1', 'open-saas#727', 'open-saas#728', 'one-api#2440'],
    mend: {
      zh: '读取余额时加 FOR UPDATE（Kysely/Knex 的 forUpdate()），或改为带条件的更新（WHERE 余额 >= 扣减数）并检查影响行数。',
      en: 'Read the row FOR UPDATE (forUpdate() of Kysely and Knex), or write with a condition (WHERE balance >= cost) and look at how many rows changed.',
    },
    bad: {
      language: 'ts',
      text: `import { db } from './db';

export async function deduct(userId: string, cost: number) {
  await db.transaction().execute(async (tx) => {
    const user = await tx.selectFrom('users').selectAll().where('id', '=', userId).executeTakeFirstOrThrow();
    if (user.credits < cost) throw new Error('insufficient');
    await tx.updateTable('users').set({ credits: user.credits - cost }).where('id', '=', userId).execute();
  });
}`,
    },
    good: {
      language: 'ts',
      text: `import { db } from './db';

export async function deduct(userId: string, cost: number) {
  await db.transaction().execute(async (tx) => {
    const user = await tx.selectFrom('users').selectAll().where('id', '=', userId).forUpdate().executeTakeFirstOrThrow();
    if (user.credits < cost) throw new Error('insufficient');
    await tx.updateTable('users').set({ credits: user.credits - cost }).where('id', '=', userId).execute();
  });
}`,
    },
  },
  {
    id: 'BG203',
    severity: 'FAIL',
    title: { zh: '锁加在会移动的行上', en: 'The lock is on a row that moves' },
    why: {
      zh: '锁定流水的最新一行只对已经存在的那一行有效：等待者醒来时最新的已经是另一行，它仍按旧余额计算。',
      en: 'A lock on the newest ledger row holds only that row: whoever waits for it wakes up when another row is the newest, and computes with the balance of the old one.',
    },
    incidents: ['laravel-credits PR#20', 'lessons: a lock on the newest ledger row'],
    mend: {
      zh: '锁定一行固定不动的账户行（users、wallets），再读取流水。',
      en: 'Lock a row that stays, the account, and read the ledger under it.',
    },
    bad: {
      language: 'js',
      text: `const knex = require('./knex');

async function consume(userId, amount) {
  await knex.transaction(async (trx) => {
    const last = await trx('credit_logs').where({ user_id: userId }).orderBy('id', 'desc').forUpdate().first();
    if (last.balance_after < amount) throw new Error('insufficient');
    const balance = last.balance_after - amount;
    await trx('credit_logs').insert({ user_id: userId, amount: -amount, balance_after: balance, reason: 'consume' });
  });
}

module.exports = { consume };`,
    },
    good: {
      language: 'js',
      text: `const knex = require('./knex');

async function consume(userId, amount) {
  await knex.transaction(async (trx) => {
    await trx('users').where({ id: userId }).forUpdate().first('id');
    const last = await trx('credit_logs').where({ user_id: userId }).orderBy('id', 'desc').first();
    if (last.balance_after < amount) throw new Error('insufficient');
    const balance = last.balance_after - amount;
    await trx('credit_logs').insert({ user_id: userId, amount: -amount, balance_after: balance, reason: 'consume' });
  });
}

module.exports = { consume };`,
    },
  },
  {
    id: 'BG204',
    severity: 'FAIL',
    title: { zh: '条件扣减没有检查影响行数', en: 'Nobody looks at whether a conditional deduction took anything' },
    why: {
      zh: '条件不满足时一行也没有改，后面的任务照样创建：等于免费。',
      en: 'When the condition does not hold no row changes, and the task is made all the same: for nothing.',
    },
    incidents: ['octopusreview#506', 'open-saas#728'],
    mend: {
      zh: '读取 numUpdatedRows、affectedRows 或 RETURNING 的结果，为零时抛错。',
      en: 'Read numUpdatedRows, affectedRows or what RETURNING gives, and throw when it is nothing.',
    },
    bad: {
      language: 'ts',
      text: `import { db } from './db';

export async function charge(userId: string, cost: number) {
  await db.transaction().execute(async (tx) => {
    await tx
      .updateTable('users')
      .set((eb) => ({ credits: eb('credits', '-', cost) }))
      .where('id', '=', userId)
      .where('credits', '>=', cost)
      .execute();
    await tx.insertInto('credit_ledger').values({ user_id: userId, amount: -cost, kind: 'charge' }).execute();
  });
}`,
    },
    good: {
      language: 'ts',
      text: `import { db } from './db';

export async function charge(userId: string, cost: number) {
  await db.transaction().execute(async (tx) => {
    const { numUpdatedRows } = await tx
      .updateTable('users')
      .set((eb) => ({ credits: eb('credits', '-', cost) }))
      .where('id', '=', userId)
      .where('credits', '>=', cost)
      .executeTakeFirst();
    if (numUpdatedRows === 0n) throw new Error('insufficient');
    await tx.insertInto('credit_ledger').values({ user_id: userId, amount: -cost, kind: 'charge' }).execute();
  });
}`,
    },
  },
  {
    id: 'BG205',
    severity: 'WARNING',
    title: { zh: '扣减前没有检查余额是否足够', en: 'A deduction without a look at whether there is enough' },
    why: {
      zh: '配额不能为负。没有检查、也没有数据库 CHECK 时，扣减会一直进行下去。',
      en: 'Quota must not go below zero. Without a check in code or in the database the deduction always succeeds.',
    },
    incidents: ['billing-guard-flow.zh: 不能允许配额出现负数'],
    mend: {
      zh: '在锁内比较余额，并在表上加 CHECK (余额 >= 0)。',
      en: 'Compare the balance under the lock, and give the table a CHECK (balance >= 0).',
    },
    bad: {
      language: 'js',
      text: `const knex = require('./knex');

async function take(userId, amount) {
  await knex.transaction(async (trx) => {
    await trx('wallets').where({ user_id: userId }).forUpdate().first('id');
    await trx('wallets').where({ user_id: userId }).decrement('balance', amount);
  });
}

module.exports = { take };`,
    },
    good: {
      language: 'js',
      text: `const knex = require('./knex');

async function take(userId, amount) {
  await knex.transaction(async (trx) => {
    const wallet = await trx('wallets').where({ user_id: userId }).forUpdate().first();
    if (wallet.balance < amount) throw new Error('insufficient');
    await trx('wallets').where({ user_id: userId }).decrement('balance', amount);
  });
}

module.exports = { take };`,
    },
  },
  {
    id: 'BG206',
    severity: 'FAIL',
    title: { zh: '余额保存在 Redis', en: 'A balance is kept in Redis' },
    why: {
      zh: 'Redis 可能整个丢失，也不能与流水在同一事务里提交：先扣后崩溃，账就对不上。Redis 只做缓存、限流和队列。',
      en: 'Redis may be lost whole and can not commit together with a ledger row: a crash in between leaves books that do not add up. It is for caches, limits and queues.',
    },
    incidents: [
      'predecessor: a Redis lock around the row lock, 36 of 100 requests answered 500',
      'billing-guard-flow.zh: 原子性保证',
    ],
    mend: {
      zh: '以数据库的账户行为准；Redis 里最多放一份有过期时间的副本供显示。',
      en: 'Let the account row of the database be the truth; at most show a copy of it from Redis that expires.',
    },
    bad: {
      language: 'ts',
      text: `import { Redis } from 'ioredis';

const redis = new Redis();

export async function takeCredits(userId: string, cost: number): Promise<boolean> {
  return (await redis.decrby(\`credits:\${userId}\`, cost)) >= 0;
}`,
    },
    good: {
      language: 'ts',
      text: `import { Redis } from 'ioredis';

const redis = new Redis();

export async function mayAsk(userId: string): Promise<boolean> {
  const used = await redis.incr(\`limit:tasks:\${userId}\`);
  if (used === 1) await redis.expire(\`limit:tasks:\${userId}\`, 60);
  return used <= 10;
}`,
    },
  },
  {
    id: 'BG207',
    severity: 'FAIL',
    title: { zh: '修改或删除流水、审计记录', en: 'Ledger or audit rows are changed or deleted' },
    why: {
      zh: '历史财务数据不能修改：被改过的流水无法证明任何事情。更正也是一条新的流水。',
      en: 'History must not change: a ledger that can be edited proves nothing. A correction is a row of its own.',
    },
    incidents: ['billing-guard-flow.zh: 不能修改历史财务数据', 'twenty PR#25603'],
    mend: {
      zh: '追加一条冲正流水；清理用按月分区归档，并让数据库触发器拒绝 UPDATE 与 DELETE。',
      en: 'Append a correcting row; archive by partitions; let a trigger refuse UPDATE and DELETE.',
    },
    bad: {
      language: 'js',
      text: `const knex = require('./knex');

async function tidy() {
  await knex('audit_logs').where('created_at', '<', new Date(0)).del();
}

module.exports = { tidy };`,
    },
    good: {
      language: 'js',
      text: `const knex = require('./knex');

async function correct(trx, entry) {
  await trx('audit_logs').insert({ action: 'corrected', subject_id: entry.id, created_at: new Date() });
}

module.exports = { correct, knex };`,
    },
  },
  {
    id: 'BG208',
    severity: 'WARNING',
    title: { zh: '条件扣减独自提交', en: 'A conditional deduction that commits alone' },
    why: {
      zh: '单条条件更新本身不会超扣，但没有流水与它同时提交，事后无法说明余额去了哪里。',
      en: 'One conditional statement never takes too much, but no ledger row commits with it, so nobody can say later where the balance went.',
    },
    incidents: ['billing-guard-flow.zh: 所有配额操作都要有详细的日志记录'],
    mend: {
      zh: '与流水写在同一个事务里。',
      en: 'Write it in one transaction with its ledger row.',
    },
    bad: {
      language: 'js',
      text: `const knex = require('./knex');

async function take(userId, amount) {
  const taken = await knex('wallets').where({ user_id: userId }).where('balance', '>=', amount).decrement('balance', amount);
  if (taken === 0) throw new Error('insufficient');
}

module.exports = { take };`,
    },
    good: {
      language: 'js',
      text: `const knex = require('./knex');

async function take(userId, amount) {
  await knex.transaction(async (trx) => {
    const taken = await trx('wallets').where({ user_id: userId }).where('balance', '>=', amount).decrement('balance', amount);
    if (taken === 0) throw new Error('insufficient');
    await trx('wallet_ledger').insert({ user_id: userId, amount: -amount, type: 'spend' });
  });
}

module.exports = { take };`,
    },
  },
];
