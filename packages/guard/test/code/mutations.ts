/** A mistake put into our own code, and what the guard must say of it. */
export type Mutation = {
  readonly says: string;
  readonly ruleId: string;
  readonly file: string;
  /** Exactly once in the file. */
  readonly find: string;
  readonly replace: string;
  /** The line that is to be named has this text in it; of `at` when it is another file. */
  readonly line: string;
  readonly at?: string;
};

const QUOTA = 'packages/billing/src/quota';
const ORDERS = 'packages/billing/src/orders';
const TASKS = 'packages/pipeline/src/tasks';
const RUNNING = 'packages/pipeline/src/running';
const ADMISSION = 'packages/pipeline/src/admission';

export const MUTATIONS: readonly Mutation[] = [
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
    says: 'the vendor works before admission charges',
    ruleId: 'BG211',
    file: `${ADMISSION}/task-intake.ts`,
    find: '  const assetIds = [...new Set(batch.flatMap((waiting) => waiting.assetIds))];',
    replace:
      "  const assetIds = [...new Set(batch.flatMap((waiting) => waiting.assetIds))];\n  await fetch('https://render.example/generate', { method: 'POST' });",
    line: 'https://render.example/generate',
  },
  {
    says: 'work is submitted again until it comes out well',
    ruleId: 'BG213',
    file: 'packages/pipeline/src/providers/runninghub/hub-api.ts',
    find: "  const begin: HubApi['begin'] = (path, body, signal) =>\n    post(path, JSON.stringify({ apiKey, ...body }), 'application/json', signal);",
    replace:
      "  const begin: HubApi['begin'] = async (path, body, signal) => {\n    for (let i = 0; i < 3; i += 1) {\n      try {\n        return await fetch(`${baseUrl}${path}`, { method: 'POST', body: JSON.stringify(body), signal });\n      } catch {\n        continue;\n      }\n    }\n  };",
    line: 'return await fetch(',
  },
  {
    says: 'nobody looks at whether the charge was moved',
    ruleId: 'BG230',
    file: `${QUOTA}/end-charge.ts`,
    find: "  if (!(await moveCharge(tx, { chargeId, userId, to: 'refunded', now }))) return { refunded: undefined };",
    replace: "  await moveCharge(tx, { chargeId, userId, to: 'refunded', now });",
    line: ".updateTable('quota_charges')",
    at: `${QUOTA}/spend.store.ts`,
  },
  {
    says: 'a charge moves wherever it is',
    ruleId: 'BG230',
    file: `${QUOTA}/spend.store.ts`,
    find: "    .where('id', '=', move.chargeId)\n    .where('status', '=', 'held');",
    replace: "    .where('id', '=', move.chargeId);",
    line: ".updateTable('quota_charges')",
  },
  {
    says: 'an order moves wherever it is',
    ruleId: 'BG230',
    file: `${ORDERS}/order.store.ts`,
    find: "    .where('status', '=', move.order.status)\n",
    replace: '',
    line: ".updateTable('orders')",
  },
  {
    says: 'a task moves wherever it is',
    ruleId: 'BG230',
    file: `${TASKS}/task.store.ts`,
    find: "    .where('status', 'in', sourcesOf(move.to))\n",
    replace: '',
    line: ".updateTable('tasks')",
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
    says: 'tasks are written before their charges',
    ruleId: 'BG232',
    file: `${ADMISSION}/admission.store.ts`,
    find: '    ...chargeStatements(\n      accepted.flatMap(({ tasks }) => tasks.map(({ charge }) => charge)),\n      purses.filter((purse) => spent.has(purse.userId)),\n      now,\n    ),\n    ...batchStatements(accepted),\n',
    replace: '    ...batchStatements(accepted),\n',
    line: 'INSERT INTO tasks',
  },
  {
    says: 'a task can not be refunded',
    ruleId: 'BG231',
    file: `${ADMISSION}/admission.store.ts`,
    find: '      eligible_for_refund, refunded, deadline_at',
    replace: '      refunded, deadline_at',
    line: 'INSERT INTO tasks',
  },
  {
    says: 'nobody asks for a membership',
    ruleId: 'BG233',
    file: `${ADMISSION}/task-intake.ts`,
    find: '    const refusal = accessRefusal(definition, member);',
    replace: '    const refusal = undefined;',
    line: 'INSERT INTO tasks',
    at: `${ADMISSION}/admission.store.ts`,
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
    says: 'a phone is logged',
    ruleId: 'BG251',
    file: 'packages/accounts/src/codes/request-code.ts',
    find: 'deps.log.warn({ codeId: id },',
    replace: 'deps.log.warn({ codeId: id, phone },',
    line: 'deps.log.warn({ codeId: id, phone },',
  },
  {
    says: 'calls are limited by a header',
    ruleId: 'BG252',
    file: 'apps/server/src/app.ts',
    find: 'limits.takeAddress(request.ip)',
    replace: "limits.takeAddress(request.headers['x-forwarded-for'])",
    line: 'await limiter.consume(key);',
    at: 'apps/server/src/http/call-limits.ts',
  },
  {
    says: 'one provider is asked for by name',
    ruleId: 'BG260',
    file: 'packages/pipeline/src/providers/provider.store.ts',
    find: "      'h.probe_after',\n    ])\n    .where('e.is_enabled', '=', 1)",
    replace: "      'h.probe_after',\n    ])\n    .where('e.provider_ref', '=', 'runninghub')",
    line: ".selectFrom('provider_endpoints",
  },
  {
    says: 'a feature of the first day costs nothing',
    ruleId: 'BG261',
    file: 'packages/db/src/seed/basic-clean.ts',
    find: '    quotaCost: 1,',
    replace: '    quotaCost: 0,',
    line: '  definition: {',
  },
  {
    says: 'WeChat Pay is asked to close while the transaction is open',
    ruleId: 'BG210',
    file: `${ORDERS}/end-open-order.ts`,
    find: "    if (!(await moveOrder(tx, { order, to: 'closed', now, closedAt: now }))) return;",
    replace:
      "    await deps.wechat.closeOrder(order.outTradeNo);\n    if (!(await moveOrder(tx, { order, to: 'closed', now, closedAt: now }))) return;",
    line: 'await deps.wechat.closeOrder(order.outTradeNo);',
  },
  {
    says: 'a vendor is told while a payment is being accepted',
    ruleId: 'BG210',
    file: `${ORDERS}/accept-payment.ts`,
    find: "    if (outcome === 'granted') await grantPlan(tx, user, { order, now });",
    replace:
      "    await fetch('https://partner.example/paid', { method: 'POST' });\n    if (outcome === 'granted') await grantPlan(tx, user, { order, now });",
    line: "fetch('https://partner.example/paid'",
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
];
