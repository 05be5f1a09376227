export { appendMovements, listHistory, lockUser, type LockedUser, type Movement } from './quota/ledger.store.ts';
export { getBalance, grantQuota, type NewGrant } from './quota/grant.store.ts';
export { refundCharge, settleCharge } from './quota/end-charge.ts';
export { writeOffEndedGrants } from './quota/write-off-ended-grants.ts';
export { listPlans } from './plans/plan.store.ts';
export { getMembership } from './memberships/membership.store.ts';
export { chargePurse, spendable, type BurnableGrant, type PlannedCharge, type Purse } from './quota/charge-list.ts';
export { chargeStatements, readPurses, selectGrantsSql } from './quota/charge.store.ts';
