import { accountRouter } from './routers/account.router.ts';
import { alertsRouter, alertTargetsRouter } from './routers/alerts.router.ts';
import { approvalsRouter } from './routers/approvals.router.ts';
import { assetsRouter } from './routers/assets.router.ts';
import { auditRouter } from './routers/audit.router.ts';
import { authRouter } from './routers/auth.router.ts';
import { batchesRouter } from './routers/batches.router.ts';
import { budgetsRouter, costsRouter, pricesRouter } from './routers/costs.router.ts';
import { campaignsRouter } from './routers/campaigns.router.ts';
import { codesRouter } from './routers/codes.router.ts';
import { definitionsRouter } from './routers/definitions.router.ts';
import { fapiaoRouter } from './routers/fapiao.router.ts';
import { featuresRouter } from './routers/features.router.ts';
import { grantsRouter } from './routers/grants.router.ts';
import { guardRouter } from './routers/guard.router.ts';
import { jobsRouter } from './routers/jobs.router.ts';
import { noticesRouter } from './routers/notices.router.ts';
import { ordersRouter } from './routers/orders.router.ts';
import { plansRouter } from './routers/plans.router.ts';
import { providersRouter } from './routers/providers.router.ts';
import { quotaRouter } from './routers/quota.router.ts';
import { reconciliationRouter } from './routers/reconciliation.router.ts';
import { refundsRouter } from './routers/refunds.router.ts';
import { salesRouter } from './routers/sales.router.ts';
import { reportsRouter } from './routers/reports.router.ts';
import { tasksRouter } from './routers/tasks.router.ts';
import { uploadsRouter } from './routers/uploads.router.ts';
import { usersRouter } from './routers/users.router.ts';
import { router } from './trpc/trpc.ts';

/** The whole API. tRPC serves it under /trpc, the REST mirror under /api, and the SDK's types are made from it. */
export const appRouter = router({
  auth: authRouter,
  account: accountRouter,
  plans: plansRouter,
  orders: ordersRouter,
  quota: quotaRouter,
  codes: codesRouter,
  campaigns: campaignsRouter,
  features: featuresRouter,
  uploads: uploadsRouter,
  tasks: tasksRouter,
  batches: batchesRouter,
  assets: assetsRouter,
  users: usersRouter,
  sales: salesRouter,
  refunds: refundsRouter,
  fapiao: fapiaoRouter,
  reconciliation: reconciliationRouter,
  grants: grantsRouter,
  approvals: approvalsRouter,
  definitions: definitionsRouter,
  providers: providersRouter,
  guard: guardRouter,
  jobs: jobsRouter,
  costs: costsRouter,
  prices: pricesRouter,
  budgets: budgetsRouter,
  audit: auditRouter,
  notices: noticesRouter,
  alerts: alertsRouter,
  alertTargets: alertTargetsRouter,
  reports: reportsRouter,
});

export type AppRouter = typeof appRouter;
