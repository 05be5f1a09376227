import type { Bilingual } from '@yunshang/contracts';
import type { RuleDoc } from '../report/rule-doc.ts';

type Told = { title: Bilingual; why: Bilingual; incidents: readonly string[]; bad: string; good: string };

const BEGIN = 'START TRANSACTION;\nSELECT quota_remaining FROM users WHERE id = ? FOR UPDATE;';

/** What must hold of the rows, by the number of its invariant; the doctor's statements look for rows that break it. */
const INVARIANTS: ReadonlyMap<number, Told> = new Map<number, Told>([
  [
    1,
    {
      title: {
        zh: '余额 = 流水之和 = 各笔额度之和，且不为负',
        en: 'Balance = sum of the ledger = sum of the grants, and not negative',
      },
      why: {
        zh: '三处不一致，就有配额凭空产生或消失。',
        en: 'Where the three disagree, quota was made or lost out of nothing.',
      },
      incidents: ['laravel-credits PR#20', 'octopusreview#506'],
      bad: 'UPDATE users SET quota_remaining = quota_remaining + 100 WHERE id = ?;',
      good: `${BEGIN}\nINSERT INTO quota_grants …;\nINSERT INTO quota_logs …;\nUPDATE users SET quota_remaining = quota_remaining + 100 WHERE id = ?;\nCOMMIT;`,
    },
  ],
  [
    2,
    {
      title: { zh: '发放 = 可用 + 已用 + 过期 + 收回', en: 'Granted = available + spent + expired + clawed back' },
      why: { zh: '每一个单位的配额都要有去向。', en: 'Every unit that was given is somewhere.' },
      incidents: ['twenty PR#25603'],
      bad: 'UPDATE quota_grants SET remaining = 0 WHERE expires_at < NOW();',
      good: `${BEGIN}\nUPDATE quota_grants SET remaining = 0, expired = expired + ? WHERE id = ?;\nINSERT INTO quota_logs (kind, …) VALUES ('expire', …);\nCOMMIT;`,
    },
  ],
  [
    3,
    {
      title: { zh: '每笔扣款只结束一次', en: 'Every charge ends once' },
      why: {
        zh: '结束两次就是返还两次，从不结束就是白扣。',
        en: 'One that ends twice is refunded twice; one that never ends was taken for nothing.',
      },
      incidents: ['new-api#4211', 'bottube#1535'],
      bad: "UPDATE quota_charges SET status = 'refunded' WHERE id = ?;",
      good: "UPDATE quota_charges SET status = 'refunded', ended_at = ? WHERE id = ? AND status = 'held';",
    },
  ],
  [
    4,
    {
      title: {
        zh: '失败的任务净扣为 0，成功的任务按快照扣费',
        en: 'A failed task costs nothing, a finished one its snapshot',
      },
      why: {
        zh: '失败不返还是向用户多收，成功又返还是白做。',
        en: 'A failure that is kept is taken from the member, a success that is refunded is given away.',
      },
      incidents: ['new-api PR#6074', 'eliza PR#11539'],
      bad: "UPDATE tasks SET status = 'failed' WHERE id = ?;",
      good: "START TRANSACTION;\nUPDATE tasks SET status = 'failed', refunded = 1 WHERE id = ? AND status = 'processing';\nUPDATE quota_charges SET status = 'refunded' WHERE id = ? AND status = 'held';\nCOMMIT;",
    },
  ],
  [
    5,
    {
      title: { zh: '没有扣款就没有供应商调用', en: 'No vendor is called without a charge' },
      why: {
        zh: '先调用后扣款，扣款失败时我们白付供应商的钱。',
        en: 'Who calls first pays the vendor also when the charge fails.',
      },
      incidents: ['a predecessor: submits, then deducts'],
      bad: 'INSERT INTO task_attempts (task_id, …) VALUES (…); -- a task that has no charge',
      good: 'INSERT INTO quota_charges …;\nINSERT INTO tasks (charge_id, …) VALUES (…);\nCOMMIT;\nINSERT INTO task_attempts …;',
    },
  ],
  [
    6,
    {
      title: { zh: '终态不再改变', en: 'What has ended does not change' },
      why: {
        zh: '已失败并返还的任务又成功，配额和结果都给了用户。',
        en: 'A task that failed, was refunded and then succeeds gives away both quota and result.',
      },
      incidents: ['eliza PR#11920'],
      bad: "UPDATE tasks SET status = 'succeeded' WHERE id = ?;",
      good: "UPDATE tasks SET status = 'succeeded' WHERE id = ? AND status = 'processing';",
    },
  ],
  [
    7,
    {
      title: { zh: '每笔支付只发放一次，金额与快照一致', en: 'A payment grants once, at the amount of its snapshot' },
      why: {
        zh: '重复通知重复发放；金额不符却照常发放。',
        en: 'Notifications that come again grant again, or a wrong amount is taken for the right one.',
      },
      incidents: ['opencode#28402', 'open-saas#688', 'new-api#6246'],
      bad: "UPDATE orders SET status = 'paid' WHERE out_trade_no = ?; -- and grants, whoever else did",
      good: "INSERT INTO payments (mchid, transaction_id, …) VALUES (…); -- unique\nUPDATE orders SET status = 'paid' WHERE id = ? AND status = 'pending';",
    },
  ],
  [
    8,
    {
      title: { zh: '退款不超过支付，且都有收回', en: 'No more is refunded than was paid, each with its claw-back' },
      why: { zh: '退了钱却留着配额，等于白送。', en: 'Money that goes back while the quota stays is a gift.' },
      incidents: ['design page: refunding money claws back unused quota'],
      bad: 'INSERT INTO order_refunds (amount_fen, …) VALUES (19900, …); -- 9900 were paid',
      good: "SELECT … FROM orders WHERE id = ? FOR UPDATE;\nINSERT INTO order_refunds …;\nINSERT INTO quota_logs (kind, …) VALUES ('clawback', …);\nCOMMIT;",
    },
  ],
  [
    9,
    {
      title: { zh: '流水都有原因，扣款都有任务', en: 'Every ledger row has a cause, every charge a task' },
      why: { zh: '没有来由的流水无法向任何人解释。', en: 'A row that nothing led to can be explained to nobody.' },
      incidents: ['customer review list: 所有配额操作都要有详细的日志记录'],
      bad: 'SET foreign_key_checks = 0;\nDELETE FROM tasks WHERE id = ?;',
      good: 'UPDATE tasks SET hidden_at = ? WHERE id = ?;',
    },
  ],
  [
    10,
    {
      title: { zh: '任务都进队列，作业都有对象', en: 'Every task reaches the queue, every job has its subject' },
      why: {
        zh: '提交了却没有入队的任务会一直扣着配额。',
        en: 'A task that is committed and never queued holds its quota for ever.',
      },
      incidents: ['lago-api PR#6319', 'n8n#24050'],
      bad: 'INSERT INTO tasks …;\nCOMMIT; -- and then queue.add(…), which fails',
      good: 'INSERT INTO tasks …;\nINSERT INTO outbox …;\nCOMMIT;',
    },
  ],
  [
    11,
    {
      title: {
        zh: '每次调用都有成本，预算与账本一致',
        en: 'Every attempt has its cost, and budgets are what the ledgers say',
      },
      why: {
        zh: '没有记下的成本不计入毛利，也不触发预算。',
        en: 'A cost that is not written down is in no margin and stops at no budget.',
      },
      incidents: ['customer review list: 统计第三方服务成本'],
      bad: "UPDATE task_attempts SET status = 'failed' WHERE id = ?; -- and no cost row, since it failed",
      good: 'INSERT INTO cost_entries …; -- failed attempts too',
    },
  ],
  [
    12,
    {
      title: { zh: '审计链可验证', en: 'The audit chain verifies' },
      why: {
        zh: '改写、删除或重排过的记录不能作为任何事的证据。',
        en: 'Rows that were changed, taken out or put in another order prove nothing.',
      },
      incidents: ['customer review list: 不能修改历史财务数据'],
      bad: 'DROP TRIGGER quota_logs_no_update;\nUPDATE quota_logs SET amount = 0 WHERE id = ?;',
      good: '-- a correction is a new row; pnpm audit verify names the first bad one',
    },
  ],
  [
    13,
    {
      title: { zh: '同一幂等键只产生一件事', en: 'One idempotency key makes one thing' },
      why: {
        zh: '网络重试会再次提交；没有记下的键会再扣一次。',
        en: 'A network that repeats a call charges again where the key is not on record.',
      },
      incidents: ['Aico#364'],
      bad: 'INSERT INTO tasks …; -- for a key that has a task already',
      good: 'INSERT INTO idempotency_keys …; -- unique, in the transaction of the task',
    },
  ],
  [
    14,
    {
      title: {
        zh: '先到期的额度先用，返还回到原处',
        en: 'What ends first is spent first, and goes back where it came from',
      },
      why: {
        zh: '先用后到期的额度，先到期的就会作废：用户少得了配额。',
        en: 'Who spends what ends later lets what ends first lapse: the member is short of quota.',
      },
      incidents: ['suna PR#1597', 'design page: the grant that ends first'],
      bad: 'SELECT * FROM quota_grants WHERE user_id = ? ORDER BY id DESC FOR UPDATE;',
      good: 'SELECT * FROM quota_grants WHERE user_id = ? ORDER BY open_until, id FOR UPDATE;',
    },
  ],
  [
    16,
    {
      title: {
        zh: '账单、订单与发放一一对应，否则是有类型的差异',
        en: 'Bill, orders and grants are one to one, or the difference is on record',
      },
      why: {
        zh: '没有对过账的收入只是我们自己的说法。',
        en: 'Revenue that agrees with no bill is only what we say it is.',
      },
      incidents: ['customer review list: 与微信支付、第三方服务进行数据对账'],
      bad: "UPDATE reconciliation_exceptions SET status = 'resolved'; -- nobody looked",
      good: "UPDATE reconciliation_exceptions SET status = 'resolved', resolved_by = ?, note = ? WHERE id = ?;",
    },
  ],
]);

const MEND: Bilingual = {
  zh: '停止相关写入，运行 pnpm doctor 查看每一行的说明和修复方法，修复代码，再用新的流水更正。',
  en: 'Stop what writes there, let `pnpm doctor` explain each row and how to mend it, mend the code, and correct by a new ledger row.',
};

/** Late, and still right: one rule for all of it. */
const LATE: RuleDoc = {
  id: 'BG390',
  area: 'database',
  severity: 'WARNING',
  title: { zh: '有事情晚了', en: 'Something is late' },
  why: {
    zh: '数据仍然正确，但某个后台任务没有按时完成。',
    en: 'The books are right, but something that happens by the clock has not happened in time.',
  },
  incidents: ['lessons: nothing non-terminal beyond its time-out'],
  mend: {
    zh: '检查 worker 是否在运行、日志中失败的任务。',
    en: 'See that a worker runs, and which schedule of it fails in the log.',
  },
  bad: {
    language: 'sql',
    text: 'SELECT * FROM quota_grants WHERE expires_at < NOW() - INTERVAL 1 DAY AND remaining > 0;',
  },
  good: { language: 'sql', text: '-- the schedule grants.write-off wrote them off within minutes' },
};

/** BG350 + the number of the invariant, for what breaks it. */
export const invariantDocs: readonly RuleDoc[] = [
  ...[...INVARIANTS].map(([number, { bad, good, ...told }]): RuleDoc => ({
    ...told,
    id: invariantRuleId(`I${number}`),
    area: 'database',
    severity: 'FAIL',
    mend: MEND,
    bad: { language: 'sql', text: bad },
    good: { language: 'sql', text: good },
  })),
  LATE,
];

/** `I3` is BG353. */
export function invariantRuleId(invariant: string): string {
  return `BG3${50 + Number(invariant.slice(1))}`;
}

export const LATE_RULE = LATE.id;
