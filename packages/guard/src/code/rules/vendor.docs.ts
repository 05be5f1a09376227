import type { RuleDoc } from '../../report/rule-doc.ts';

/** BG210–BG214: vendors and queues. */
export const vendorDocs: readonly Omit<RuleDoc, 'area'>[] = [
  {
    id: 'BG210',
    severity: 'FAIL',
    title: { zh: '事务未提交时调用外部服务', en: 'A vendor is called inside a transaction' },
    why: {
      zh: '锁被网络请求拖住，所有请求排队；对方已经受理而事务回滚时，钱花了却没有记录。',
      en: 'Locks are held for as long as the network takes, and when the transaction rolls back after the vendor has accepted, money is spent that nothing remembers.',
    },
    incidents: ['predecessor: deduct locks users then transactions, refund the reverse', 'eliza PR#11920'],
    mend: {
      zh: '先提交意图（任务、尝试），再调用外部服务，最后用第二个事务写结果。',
      en: 'Commit the intent, then call, then write the outcome in a second transaction.',
    },
    bad: {
      language: 'js',
      text: `const knex = require('./knex');

async function start(taskId, input) {
  await knex.transaction(async (trx) => {
    const response = await fetch('https://api.vendor.example/run', { method: 'POST', body: JSON.stringify(input) });
    await trx('runs').insert({ task_id: taskId, status: response.status });
  });
}

module.exports = { start };`,
    },
    good: {
      language: 'js',
      text: `const knex = require('./knex');

async function start(taskId, input) {
  await knex('runs').insert({ task_id: taskId, state_of_run: 'started' });
  const response = await fetch('https://api.vendor.example/run', { method: 'POST', body: JSON.stringify(input) });
  await knex('runs').where({ task_id: taskId }).update({ http_status: response.status });
}

module.exports = { start };`,
    },
  },
  {
    id: 'BG211',
    severity: 'FAIL',
    title: { zh: '先调用供应商，后扣配额', en: 'The vendor works before quota is taken' },
    why: {
      zh: '余额不足或扣减失败时，成本已经发生；并发请求可以用一份配额换来多份结果。',
      en: 'When there is too little quota, or the deduction fails, the cost is there already; requests at the same time get many results for one price.',
    },
    incidents: ['billing-guard-flow.zh: 所有任务创建前必须扣配额', 'octopusreview#506', 'new-api PR#6074'],
    mend: {
      zh: '创建任务时先扣（预扣），失败再按原额返还。',
      en: 'Take quota when the task is made; give exactly that back when it fails.',
    },
    bad: {
      language: 'ts',
      text: `import axios from 'axios';
import { db } from './db';

export async function generate(userId: string, prompt: string) {
  const { data } = await axios.post('https://images.example/v1/generations', { prompt });
  await db.transaction().execute(async (tx) => {
    const user = await tx.selectFrom('users').selectAll().where('id', '=', userId).forUpdate().executeTakeFirstOrThrow();
    if (user.credits < 2) throw new Error('insufficient');
    await tx.updateTable('users').set({ credits: user.credits - 2 }).where('id', '=', userId).execute();
  });
  return data.url;
}`,
    },
    good: {
      language: 'ts',
      text: `import axios from 'axios';
import { db } from './db';

export async function generate(userId: string, prompt: string) {
  await db.transaction().execute(async (tx) => {
    const user = await tx.selectFrom('users').selectAll().where('id', '=', userId).forUpdate().executeTakeFirstOrThrow();
    if (user.credits < 2) throw new Error('insufficient');
    await tx.updateTable('users').set({ credits: user.credits - 2 }).where('id', '=', userId).execute();
  });
  const { data } = await axios.post('https://images.example/v1/generations', { prompt });
  return data.url;
}`,
    },
  },
  {
    id: 'BG212',
    severity: 'FAIL',
    title: { zh: '事务未提交时入队', en: 'A job is queued inside a transaction' },
    why: {
      zh: '工人比提交更快时找不到任务；回滚后队列里留下一个没有任务的作业。',
      en: 'A worker that is quicker than the commit finds nothing; after a roll-back the queue holds a job without a row.',
    },
    incidents: ['n8n#24050', 'lago-api PR#6319'],
    mend: {
      zh: '在同一事务里写 outbox 行，提交后由转发器入队。',
      en: 'Write an outbox row in the transaction and let a relay queue it after the commit.',
    },
    bad: {
      language: 'ts',
      text: `import { Queue } from 'bullmq';
import { db } from './db';

const queue = new Queue('mails');

export async function register(email: string) {
  await db.transaction().execute(async (tx) => {
    await tx.insertInto('people').values({ email }).execute();
    await queue.add('welcome', { email });
  });
}`,
    },
    good: {
      language: 'ts',
      text: `import { Queue } from 'bullmq';
import { db } from './db';

const queue = new Queue('mails');

export async function register(email: string) {
  await db.transaction().execute(async (tx) => {
    await tx.insertInto('people').values({ email }).execute();
    await tx.insertInto('outbox').values({ job: 'welcome', payload: email }).execute();
  });
  await queue.add('wake', {});
}`,
    },
  },
  {
    id: 'BG213',
    severity: 'FAIL',
    title: { zh: '重试没有幂等键的付费请求', en: 'A paid request is repeated without an idempotency key' },
    why: {
      zh: '超时不等于失败：对方可能已经开始工作，再次提交就再付一次钱。',
      en: 'A time-out is not a failure: the vendor may be at work, and a second request is paid for a second time.',
    },
    incidents: ['eliza PR#11920', 'open-ai-canvas#477', 'litellm#40405'],
    mend: {
      zh: '带上由任务推出的幂等键，或先查询上一次的结果再决定。',
      en: 'Send a key derived from the row, or ask what became of the first request before sending another.',
    },
    bad: {
      language: 'js',
      text: `async function submit(prompt) {
  for (let i = 0; i < 3; i++) {
    try {
      return await fetch('https://video.example/generate', { method: 'POST', body: prompt });
    } catch (error) {
      if (i === 2) throw error;
    }
  }
}

module.exports = { submit };`,
    },
    good: {
      language: 'js',
      text: `async function submit(taskId, prompt) {
  for (let i = 0; i < 3; i++) {
    try {
      const headers = { 'idempotency-key': taskId };
      return await fetch('https://video.example/generate', { method: 'POST', headers, body: prompt });
    } catch (error) {
      if (i === 2) throw error;
    }
  }
}

module.exports = { submit };`,
    },
  },
  {
    id: 'BG214',
    severity: 'FAIL',
    title: { zh: '任务号不含尝试次数', en: 'A job id without the attempt' },
    why: {
      zh: 'BullMQ 会记住已结束作业的编号，再次入队被当作重复而丢弃：任务永远停住。',
      en: 'BullMQ remembers the ids of jobs that have ended; queued again under the same id, a job is dropped as a duplicate and its task stands still for ever.',
    },
    incidents: ['didacta PR#45', 'lago-api PR#6319'],
    mend: {
      zh: '把尝试次数放进 jobId，或让队列忘掉已结束的作业（removeOnComplete 与 removeOnFail）。',
      en: 'Put the attempt into the id, or let the queue forget what has ended (removeOnComplete and removeOnFail).',
    },
    bad: {
      language: 'ts',
      text: `import { Queue } from 'bullmq';

const queue = new Queue('render');

export async function enqueue(taskId: string) {
  await queue.add('render', { taskId }, { jobId: taskId });
}`,
    },
    good: {
      language: 'ts',
      text: `import { Queue } from 'bullmq';

const queue = new Queue('render');

export async function enqueue(taskId: string, attempt: number) {
  await queue.add('render', { taskId }, { jobId: \`\${taskId}-\${attempt}\` });
}`,
    },
  },
];
