import type { Mutation } from './mutations.ts';

const QUOTA = 'packages/billing/src/quota';
const ORDERS = 'packages/billing/src/orders';
const TASKS = 'packages/pipeline/src/tasks';
const ADMISSION = 'packages/pipeline/src/admission';

/** Vendors, queues, tasks, what is kept secret, and what the guard is told. */
export const WORK_MUTATIONS: readonly Mutation[] = [
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
    find: "  const begin: HubApi['begin'] = (path, body, signal) => post(path, json({ apiKey, ...body }), parseHubAnswer, signal);",
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
    also: [
      {
        file: 'packages/pipeline/src/features/feature-row.ts',
        find: '    planRequired: row.plan_required,\n',
        replace: '    planRequired: null,\n',
      },
    ],
    line: 'INSERT INTO tasks',
    at: `${ADMISSION}/admission.store.ts`,
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
    says: 'the relay adds jobs before their rows are taken for good',
    ruleId: 'BG212',
    file: 'apps/worker/src/relay.ts',
    find: '  const rows = await inTransaction(deps.database.db, (tx) => takeJobs(tx, now, { ids, visibilityMs }));\n  if (rows.length > 0) await handOver(deps, rows, pollMs);\n  return rows.length;',
    replace:
      '  return inTransaction(deps.database.db, async (tx) => {\n    const rows = await takeJobs(tx, now, { ids, visibilityMs });\n    if (rows.length > 0) await handOver(deps, rows, pollMs);\n    return rows.length;\n  });',
    line: 'await handOver(deps, rows, pollMs)',
  },
  {
    says: 'a task is put into the queue under its own id, in a way around the outbox',
    ruleId: 'BG214',
    file: 'packages/queue/src/queue.ts',
    find: '    counts: () => reaching(() => countAll(queues)),\n',
    replace:
      "    counts: () => reaching(() => countAll(queues)),\n    runNow: async (taskId: string) => {\n      await queues.get('task.run')?.add('task.run', { taskId }, { jobId: taskId });\n    },\n",
    line: "add('task.run', { taskId }",
  },
  {
    says: 'the number that somebody looks for becomes part of the statement',
    ruleId: 'BG250',
    file: `${ORDERS}/order.store.ts`,
    find: "    .where('transaction_id', '=', number)\n",
    replace: "    .where(sql<boolean>`transaction_id LIKE '${sql.raw(number)}%'`)\n",
    also: [
      {
        file: `${ORDERS}/order.store.ts`,
        find: "import type { Selectable } from 'kysely';\n",
        replace: "import { type Selectable, sql } from 'kysely';\n",
      },
    ],
    line: 'sql.raw(number)',
  },
  {
    says: 'the guard is told to look away and not why',
    ruleId: 'BG290',
    file: `${QUOTA}/ledger.store.ts`,
    find: "  await tx.insertInto('quota_logs').values(rows).execute();",
    replace: "  // billing-guard-ignore BG202\n  await tx.insertInto('quota_logs').values(rows).execute();",
    line: 'billing-guard-ignore BG202',
  },
  {
    says: 'the guard is told to look away where there is nothing to see',
    ruleId: 'BG291',
    file: `${QUOTA}/ledger.store.ts`,
    find: "  await tx.insertInto('quota_logs').values(rows).execute();",
    replace:
      "  // billing-guard-ignore BG207: rows are only added\n  await tx.insertInto('quota_logs').values(rows).execute();",
    line: 'billing-guard-ignore BG207',
  },
];
