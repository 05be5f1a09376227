export { appendMovements, lockUser, type LockedUser, type Movement } from './quota/ledger.store.ts';
export { getBalance } from './quota/balance.store.ts';
export { getMemberQuota } from './quota/member-quota.ts';
export { createQuotaHistory, listHistory, type QuotaHistory } from './quota/history.ts';
export { grantQuota, type NewGrant } from './quota/grant.store.ts';
export { refundCharge, settleCharge } from './quota/end-charge.ts';
export { writeOffEndedGrants } from './quota/write-off-ended-grants.ts';
export { listPlans } from './plans/plan.store.ts';
export { assertPasses, type Judgement, type Passed } from './guard/assert-passes.ts';
export { createPlanVersions, type PlanVersions } from './plans/plan-versions.ts';
export { createCodes, type CodeKeys, type Codes } from './codes/codes.ts';
export { batchExecutor } from './codes/create-batch.ts';
export { createCampaigns, type Campaigns } from './campaigns/campaigns.ts';
export { campaignExecutor } from './campaigns/create-campaign.ts';
export { pushCampaign } from './campaigns/push-campaign.ts';
export { createCompensations, type Compensations } from './compensations/compensations.ts';
export { compensationExecutor } from './compensations/compensate.ts';
export type { CompensationLimits } from './compensations/compensation.ts';
export type { PromotionLimits } from './promotions/promotion.ts';
export { grantSignup, type SignupGrant } from './signup/grant-signup.ts';
export { getMembership } from './memberships/membership.store.ts';
export { chargePurse, spendable, type BurnableGrant, type PlannedCharge, type Purse } from './quota/charge-list.ts';
export { chargeStatements, readPurses, selectGrantsSql } from './quota/charge.store.ts';
export { QUERY_SCHEDULE_MS } from './orders/order.ts';
export { createOrders, type Orders, type OrdersConfig } from './orders/orders.ts';
export { createApprovals, requestApproval, type Approvals, type Executor } from './approvals/approvals.ts';
export { expireApprovals } from './approvals/expire-approvals.ts';
export { createRefunds, type Refunds, type RefundsConfig } from './refunds/refunds.ts';
export { createFapiaos, type Fapiaos } from './fapiao/fapiaos.ts';
export { watchRedDue } from './fapiao/watch-red-due.ts';
export { manualIssuer } from './fapiao/issuer.ts';
export { sendRefund } from './refunds/send-refund.ts';
export { createWechatGateway, type WechatGateway } from './payments/wechat/wechat.gateway.ts';
export { createBillGateway } from './payments/wechat/bill.gateway.ts';
export type { WechatSettings } from './payments/wechat/wechat-settings.ts';
export { bookEstimate, settleCost, type NewCost } from './costs/cost.store.ts';
export { costOfUnits } from './costs/amount.ts';
export { bookUnits, settleUnits } from './costs/book-units.ts';
export { bookSms, settleSms } from './costs/sms-cost.ts';
export { bookStorageDay } from './costs/storage-day.ts';
export { providerItem, providerItems } from './costs/price.ts';
export { createPriceBook, type PriceBook } from './costs/price-book.ts';
export { claimsOf, reservedIn, type Reservation } from './budgets/budget.ts';
export { countEndedTask, countLateCost, LIMIT_CHECK, reserveSql } from './budgets/budget.store.ts';
export { createBudgetGate, type BudgetGate } from './budgets/budget-gate.ts';
export { createBudgets, type Budgets, type FeatureBudget } from './budgets/budgets.ts';
export { createPrices, type Prices } from './costs/prices.ts';
export { createCosts, type Costs } from './costs/costs.ts';
export { createAlerts, createAlertTargets, type Alerts, type AlertTargets } from './alerts/alerts.ts';
export { createNotifier, type Notifier, type Post } from './alerts/notifier.ts';
export type { Address } from './alerts/message.ts';
export type { Sealed } from './alerts/target.store.ts';
export { countAlerts } from './alerts/delivery.store.ts';
export {
  createReconciliation,
  createReconciliationWork,
  type DayOfKind,
  type Reconciliation,
  type ReconciliationWork,
} from './reconciliation/reconciliation.ts';
export { safeSum } from './costs/amount.ts';
export {
  newAccountTally,
  type AccountCompared,
  type ConsumptionBook,
  type ConsumptionDay,
} from './consumption/consumption-book.ts';
export { createSmsBook } from './consumption/sms-book.ts';
export { createTopUps, type TopUps } from './consumption/top-ups.ts';
export { consumedNearest, isExplained, type Explained } from './consumption/vendor-account.ts';
export { findAccountSpan, insertReading, listRead } from './consumption/vendor-account.store.ts';
export { finding, type Finding } from './reconciliation/exception.ts';
export { add } from './reconciliation/tally.ts';
export type { BillArchive } from './reconciliation/fetch-bill.ts';
export { createReports, type Reports } from './reports/reports.ts';
export { closeDueDays } from './reports/close-days.ts';
export { watchReports } from './reports/watch-reports.ts';
export { watchSmsPackage } from './alerts/sms-package.ts';
export { watchHeavyUse } from './alerts/heavy-use.ts';
export { watchUnitCosts } from './alerts/unit-cost.ts';
export { sendNoticeSms } from './notices/send-notice-sms.ts';
export { tellLowQuota } from './notices/low-quota.ts';
export { createNotices, type Notices } from './notices/notices.ts';
