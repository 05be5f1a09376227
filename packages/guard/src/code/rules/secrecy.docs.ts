import type { RuleDoc } from '../../report/rule-doc.ts';

/** BG250–BG291: what comes from outside, what is written into code, and answers to the guard. */
export const secrecyDocs: readonly Omit<RuleDoc, 'area'>[] = [
  {
    id: 'BG250',
    severity: 'FAIL',
    title: { zh: 'SQL 由值拼接', en: 'SQL put together from values' },
    why: {
      zh: '拼进语句的值可以改写语句：查询别人的订单，或给自己加余额。',
      en: 'A value that becomes part of the statement can rewrite it: read other people’s orders, or raise a balance.',
    },
    incidents: ['backend-flow.zh: 避免SQL注入'],
    mend: {
      zh: '用占位符传参；排序列从白名单里选。',
      en: 'Pass values as parameters; choose columns to sort by from a list.',
    },
    bad: {
      language: 'ts',
      text: `import { pool } from './pool';

export async function findByName(name: string) {
  const [rows] = await pool.query(\`SELECT * FROM products WHERE name = '\${name}'\`);
  return rows;
}`,
    },
    good: {
      language: 'ts',
      text: `import { pool } from './pool';

export async function findByName(name: string) {
  const [rows] = await pool.query('SELECT * FROM products WHERE name = ?', [name]);
  return rows;
}`,
    },
  },
  {
    id: 'BG251',
    severity: 'FAIL',
    title: { zh: '日志写出手机号、令牌或密钥', en: 'A phone, token or secret in a log' },
    why: {
      zh: '日志被很多人和系统读取，保存很久；写进去的令牌就是公开的令牌。',
      en: 'Logs are read by many and kept for long: a token in one is a token given away.',
    },
    incidents: ['backend-flow.zh: 不能暴露API密钥和敏感信息', 'billing-guard-flow.zh: 敏感财务数据要加密存储'],
    mend: { zh: '打掩码、取摘要，或不写。', en: 'Mask it, hash it, or leave it out.' },
    bad: {
      language: 'ts',
      text: `import { logger } from './logger';

export function onCode(phone: string) {
  logger.info({ phone }, 'code sent');
}`,
    },
    good: {
      language: 'ts',
      text: `import { logger } from './logger';
import { maskPhone } from './mask';

export function onCode(phone: string) {
  logger.info({ phone: maskPhone(phone) }, 'code sent');
}`,
    },
  },
  {
    id: 'BG252',
    severity: 'FAIL',
    title: { zh: '限流的键由客户端决定', en: 'A rate limit keyed by a client’s header' },
    why: {
      zh: '请求头由客户端随意填写：每次换一个值，限流就不存在。',
      en: 'A header is whatever the client writes: with a new one each time there is no limit.',
    },
    incidents: ['easy-sms#202', 'billing-guard-flow.zh: 限流策略是否能防止恶意刷量'],
    mend: {
      zh: '用登录用户、手机号，或可信代理给出的 IP（req.ip）。',
      en: 'Key by the signed-in user, the phone, or the IP that a trusted proxy tells (req.ip).',
    },
    bad: {
      language: 'js',
      text: `const rateLimit = require('express-rate-limit');

module.exports = rateLimit({ windowMs: 60_000, limit: 10, keyGenerator: (req) => req.headers['x-forwarded-for'] });`,
    },
    good: {
      language: 'js',
      text: `const rateLimit = require('express-rate-limit');

module.exports = rateLimit({ windowMs: 60_000, limit: 10, keyGenerator: (req) => req.user.id });`,
    },
  },
  {
    id: 'BG260',
    severity: 'FAIL',
    title: { zh: '硬编码供应商，没有降级', en: 'One provider written into the code' },
    why: {
      zh: '这家供应商停机时所有任务失败；候选列表要能逐个尝试。',
      en: 'When that provider is down everything fails; a list of candidates can be gone through.',
    },
    incidents: ['backend-flow.zh: 不能硬编码供应商', 'predecessor: one hard-coded provider, health always up'],
    mend: {
      zh: '按 provider_candidates 的顺序选择健康的供应商。',
      en: 'Go through provider_candidates in order and take one that is up.',
    },
    bad: {
      language: 'js',
      text: `const db = require('./db');

async function getProvider() {
  const provider = await db('provider_endpoints').where({ provider_ref: 'runninghub' }).first();
  return provider;
}

module.exports = { getProvider };`,
    },
    good: {
      language: 'js',
      text: `const db = require('./db');

async function getProvider(candidates) {
  for (const ref of candidates) {
    const health = await db('provider_health').where({ provider_ref: ref }).first();
    if (health?.state === 'up') return db('provider_endpoints').where({ provider_ref: ref }).first();
  }
  throw new Error('every provider is down');
}

module.exports = { getProvider };`,
    },
  },
  {
    id: 'BG261',
    severity: 'FAIL',
    title: { zh: 'quota_cost = 0 未经审批', en: 'quota_cost = 0 without an approval' },
    why: {
      zh: '免费功能容易被薅羊毛，需要两个人审批。',
      en: 'What costs nothing is used without end; two people have to approve of it.',
    },
    incidents: ['billing-guard-flow.zh: FAIL 5'],
    mend: { zh: '定价 ≥ 1，或附上审批记录。', en: 'Give it a price of at least 1, or name the approval.' },
    bad: {
      language: 'ts',
      text: `export const feature = { feature_id: 'free_upscale', quota_cost: 0, access_scope: 'plan' };`,
    },
    good: {
      language: 'ts',
      text: `export const feature = { feature_id: 'upscale', quota_cost: 1, access_scope: 'plan' };`,
    },
  },
  {
    id: 'BG290',
    severity: 'FAIL',
    title: { zh: '忽略计费守卫却没有理由', en: 'The guard is told to look away without a reason' },
    why: {
      zh: '没有理由的忽略没人能评审，也没人知道何时可以去掉。',
      en: 'Nobody can review a suppression without a reason, or know when it may go.',
    },
    incidents: ['billing-guard-flow.zh: 不能降低审查标准'],
    mend: {
      zh: '写 // billing-guard-ignore BGnnn: 理由，或改正代码。',
      en: 'Write // billing-guard-ignore BGnnn: the reason, or mend the code.',
    },
    bad: {
      language: 'ts',
      text: `import { db } from './db';

export async function closeOrder(id: string) {
  // billing-guard-ignore BG230
  await db.updateTable('orders').set({ status: 'closed' }).where('id', '=', id).execute();
}`,
    },
    good: {
      language: 'ts',
      text: `import { db } from './db';

export async function closeOrder(id: string) {
  // billing-guard-ignore BG230: a script that is run once, while nobody can pay
  await db.updateTable('orders').set({ status: 'closed' }).where('id', '=', id).execute();
}`,
    },
  },
  {
    id: 'BG291',
    severity: 'WARNING',
    title: { zh: '忽略注释没有作用', en: 'A suppression that suppresses nothing' },
    why: {
      zh: '代码已经改好，注释留着会掩盖以后的问题。',
      en: 'The code has been mended; what is left would hide the next mistake.',
    },
    incidents: ['billing-guard-flow.zh: 不能降低审查标准'],
    mend: { zh: '删除这条注释。', en: 'Remove the comment.' },
    bad: {
      language: 'ts',
      text: `// billing-guard-ignore BG230: orders are closed by hand
export const closed = 'closed';`,
    },
    good: { language: 'ts', text: `export const closed = 'closed';` },
  },
];
