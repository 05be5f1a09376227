import type { Mutation } from './mutations.ts';

const QUOTA = 'packages/billing/src/quota';
const ORDERS = 'packages/billing/src/orders';
const TASKS = 'packages/pipeline/src/tasks';
const RUNNING = 'packages/pipeline/src/running';
const ADMISSION = 'packages/pipeline/src/admission';

/** Quota, refunds and payments. */
export const MONEY_MUTATIONS: readonly Mutation[] = [
  {
    says: 'the member’s row is read without FOR UPDATE',
    ruleId: 'BG202',
    file: `${QUOTA}/ledger.store.ts`,
    find: "    .where('id', '=', userId)\n    .forUpdate()\n",
    replace: "    .where('id', '=', userId)\n",
    line: ".updateTable('users')",
  },
  {
    says: 'admission locks nobody',
    ruleId: 'BG202',
    file: `${ADMISSION}/admission.store.ts`,
    find: " ORDER BY id FOR UPDATE${skipLocked ? ' SKIP LOCKED' : ''}`",
    replace: ' ORDER BY id`',
    line: 'UPDATE users SET',
    at: `${QUOTA}/charge.store.ts`,
  },
  {
    says: 'ended grants are written off outside a transaction',
    ruleId: 'BG201',
    file: `${QUOTA}/write-off-ended-grants.ts`,
    find: 'await inTransaction(db, (tx) => writeOffMember(tx, user_id, now))',
    replace: 'await writeOffMember(db, user_id, now)',
    line: ".updateTable('quota_grants')",
  },
  {
    says: 'the lock is on the newest ledger row',
    ruleId: 'BG203',
    file: `${QUOTA}/ledger.store.ts`,
    find: "    .selectFrom('users')\n    .select(['id', 'quota_remaining', 'ledger_seq'])\n    .where('id', '=', userId)\n    .forUpdate()\n",
    replace:
      "    .selectFrom('quota_logs')\n    .select(['id', 'quota_remaining', 'ledger_seq'])\n    .where('user_id', '=', userId)\n    .orderBy('seq', 'desc')\n    .limit(1)\n    .forUpdate()\n",
    line: ".updateTable('users')",
  },
  {
    says: 'the ledger is rewritten instead of appended to',
    ruleId: 'BG207',
    file: `${QUOTA}/ledger.store.ts`,
    find: "await tx.insertInto('quota_logs').values(rows).execute();",
    replace: "await tx.updateTable('quota_logs').set({ amount: 0 }).where('user_id', '=', user.id).execute();",
    line: "updateTable('quota_logs')",
  },
  {
    says: 'the audit log is tidied up',
    ruleId: 'BG207',
    file: 'packages/db/src/audit.ts',
    find: '  await tx\n    .insertInto',
    replace:
      "  await tx.deleteFrom('audit_logs').where('created_at', '<', entry.now).execute();\n  await tx\n    .insertInto",
    line: "deleteFrom('audit_logs')",
  },
  {
    says: 'a refund pays the price of today',
    ruleId: 'BG221',
    file: `${QUOTA}/end-charge.ts`,
    find: "    kind: 'refund' as const,\n    amount: charge.amount,",
    replace:
      "    kind: 'refund' as const,\n    amount: (await tx.selectFrom('feature_definitions').select('quota_cost').executeTakeFirstOrThrow()).quota_cost,",
    line: "insertInto('quota_logs')",
    at: `${QUOTA}/ledger.store.ts`,
  },
  {
    says: 'a low rating brings the quota back',
    ruleId: 'BG222',
    file: `${TASKS}/tasks.ts`,
    find: "    await refundTask(tx, task, { cause: 'task_cancelled', now });",
    replace: "    if (cancel.rating <= 2) await refundTask(tx, task, { cause: 'task_cancelled', now });",
    line: 'if (cancel.rating <= 2) await refundTask',
  },
  {
    says: 'the refund of a cancelled task is not awaited',
    ruleId: 'BG223',
    file: `${TASKS}/tasks.ts`,
    find: "    await refundTask(tx, task, { cause: 'task_cancelled', now });",
    replace: "    refundTask(tx, task, { cause: 'task_cancelled', now });",
    line: '    refundTask(tx, task',
  },
  {
    says: 'a failed task keeps its charge',
    ruleId: 'BG224',
    file: `${RUNNING}/outcome.store.ts`,
    find: "  await refundTask(tx, { id: taskId, user_id: userId, charge_id: chargeId }, { cause: 'task_failed', now });\n",
    replace: '',
    line: ".updateTable('tasks')",
    at: `${TASKS}/task.store.ts`,
  },
  {
    says: 'any amount buys the plan',
    ruleId: 'BG241',
    file: `${ORDERS}/order.ts`,
    find: "    ...(payment.amountFen === order.amountFen ? [] : ['amount']),\n",
    replace: '',
    line: 'wechatPayWebhook(',
    at: 'apps/server/src/webhooks/wechat-pay.ts',
  },
  {
    says: 'nobody looks at whether the grant had enough',
    ruleId: 'BG204',
    file: 'packages/billing/src/refunds/claw-back.store.ts',
    find: "  if (numUpdatedRows !== 1n) throw new Error('the grant holds less than is to be taken back');\n",
    replace: '',
    line: ".updateTable('quota_grants')",
  },
  {
    says: 'a balance is kept in Redis',
    ruleId: 'BG206',
    file: 'apps/server/src/http/call-limits.ts',
    find: "  if (limit.counted === 'process') return memory;",
    replace: "  void redis.decrby(`quota_remaining:${path}`, 1);\n  if (limit.counted === 'process') return memory;",
    line: 'redis.decrby',
  },
  {
    says: 'a grant gives what it may not have',
    ruleId: 'BG205',
    file: 'packages/billing/src/refunds/claw-back.store.ts',
    find: "    .where('id', '=', take.grantId)\n    .where('remaining', '>=', take.amount)\n",
    replace: "    .where('id', '=', take.grantId)\n",
    also: [
      {
        file: 'packages/db/migrations/0002_billing.sql',
        find: '  CONSTRAINT ck_quota_grants_remaining CHECK (remaining >= 0 AND remaining <= amount),\n',
        replace: '',
      },
    ],
    line: ".updateTable('quota_grants')",
  },
  {
    says: 'whoever asks for a charge by its id gets it back, each time',
    ruleId: 'BG220',
    file: `${QUOTA}/end-charge.ts`,
    find: 'type Given = {\n',
    replace:
      "export function refundByHand(deps: { db: Db; clock: Clock }, input: { userId: string; chargeId: string }) {\n  return inTransaction(deps.db, async (tx) => {\n    const [now, user] = [deps.clock.now(), await lockUser(tx, input.userId)];\n    const { amount } = await findSpends(tx, input.chargeId);\n    const expiresAt = new Date(now.getTime() + COMPENSATION_MS);\n    await grantQuota(tx, user, { source: 'compensation', amount, expiresAt, effectKey: newId(), cause: 'refund', now });\n  });\n}\n\ntype Given = {\n",
    also: [
      {
        file: `${QUOTA}/end-charge.ts`,
        find: "import type { Tx } from '@yunshang/db';\n",
        replace: "import { type Clock, type Db, inTransaction, newId, type Tx } from '@yunshang/db';\n",
      },
      {
        file: `${QUOTA}/end-charge.ts`,
        find: 'import { insertGrant, returnToGrants }',
        replace: 'import { grantQuota, insertGrant, returnToGrants }',
      },
    ],
    line: "insertInto('quota_logs')",
    at: `${QUOTA}/ledger.store.ts`,
  },
  {
    says: 'news of a payment is believed as it comes',
    ruleId: 'BG240',
    file: `${ORDERS}/orders.ts`,
    find: '      const notification = wechat.openNotification(input);\n',
    replace: '      const notification = JSON.parse(input.rawBody.toString());\n',
    line: 'wechatPayWebhook(',
    at: 'apps/server/src/webhooks/wechat-pay.ts',
  },
  {
    says: 'each telling of a payment credits it, under a key of the telling',
    ruleId: 'BG242',
    file: `${ORDERS}/accept-payment.ts`,
    find: '  return inTransaction(deps.db, async (tx) => {\n    const now = deps.clock.now();\n    const user = await lockUser(tx, found.order.userId);\n',
    replace:
      "  if (payment.amountFen !== found.order.amountFen) return 'amount_mismatch';\n  await inTransaction(deps.db, async (tx) => {\n    const member = await lockUser(tx, found.order.userId);\n    const { quota } = found.order.plan;\n    await grantQuota(tx, member, { source: 'purchase', amount: quota, expiresAt: found.order.expiresAt, effectKey: news.requestId, cause: 'order_paid', now: deps.clock.now() });\n  });\n  return inTransaction(deps.db, async (tx) => {\n    const now = deps.clock.now();\n    const user = await lockUser(tx, found.order.userId);\n",
    line: 'wechatPayWebhook(',
    at: 'apps/server/src/webhooks/wechat-pay.ts',
  },
  {
    says: 'quota is taken back by hand, without a ledger row',
    ruleId: 'BG208',
    file: 'packages/billing/src/refunds/claw-back.store.ts',
    find: '/** The open or ended refunds that still have to take',
    replace:
      "export async function takeByHand(db: Db, grantId: string, amount: number): Promise<void> {\n  const { numUpdatedRows } = await db\n    .updateTable('quota_grants')\n    .set((eb) => ({ remaining: eb('remaining', '-', amount) }))\n    .where('id', '=', grantId)\n    .where('remaining', '>=', amount)\n    .executeTakeFirst();\n  if (numUpdatedRows !== 1n) throw new Error('the grant holds less');\n}\n\n/** The open or ended refunds that still have to take",
    also: [
      {
        file: 'packages/billing/src/refunds/claw-back.store.ts',
        find: "import type { Tx } from '@yunshang/db';",
        replace: "import type { Db, Tx } from '@yunshang/db';",
      },
    ],
    line: ".updateTable('quota_grants')",
  },
];
